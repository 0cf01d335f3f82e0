package start

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/org/dt-frontend/internal/deploy"
	"github.com/stretchr/testify/require"
)

func TestOnError(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		env  []string
		exit int
		want string
	}{
		{"default", nil, 0, "dt-start: the app runs unmonitored: asking for connection info with the API variables: no luck\n"},
		{"skip", []string{"DT_START_ON_ERROR=skip"}, 0, "dt-start: the app runs unmonitored: "},
		{"fail", []string{"DT_START_ON_ERROR= FAIL"}, 78, "dt-start: the app is not started, since it would run unmonitored: asking "},
		{"typo", []string{"DT_START_ON_ERROR=Fial"}, 0, "dt-start: DT_START_ON_ERROR is ignored: want skip or fail\ndt-start: the app runs unmonitored: "},
		{"json", []string{"DT_START_LOG=json"}, 0, `{"level":"warn","logger":"dt-start","message":"the app runs unmonitored: asking for connection info with the API variables: no luck"}` + "\n"},
		{"off", []string{"DT_START_LOG=off"}, 0, ""},
		{"off, but fail", []string{"DT_START_LOG=off", "DT_START_ON_ERROR=fail"}, 78, "dt-start: the app is not started"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t).apiVariables().set(tc.env...)
			f.cluster.err = errors.New("no luck")
			p := f.make(t)
			require.Equal(t, tc.exit, p.Exit)
			require.True(t, strings.HasPrefix(said(p), tc.want), said(p))
			if tc.want == "" {
				require.Empty(t, said(p))
			}
		})
	}
}

func TestNoSource(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	p := f.make(t)
	require.Equal(t, f.env, p.Env, "an agent without a cluster is of no use")
	require.Contains(t, said(p), "no communication details: set DT_TENANT, DT_TENANTTOKEN and DT_CONNECTION_POINT")
	require.Equal(t, 78, f.set("DT_START_ON_ERROR=fail").make(t).Exit)
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]time.Duration{
		"": DefaultTimeout, "1s": time.Second, "250ms": 250 * time.Millisecond, "2": 2 * time.Second, "0.5": 500 * time.Millisecond,
		"0": DefaultTimeout, "-1s": DefaultTimeout, "soon": DefaultTimeout, "48h": DefaultTimeout, "NaN": DefaultTimeout, "1e300": DefaultTimeout,
	} {
		f := newFixture(t).apiVariables().set("DT_START_TIMEOUT=" + s)
		p := f.make(t)
		require.Equal(t, want, f.cluster.requests[0].Timeout, s)
		if s != "" && s != "2" && want == DefaultTimeout {
			require.Equal(t, "dt-start: DT_START_TIMEOUT is ignored: want a time as 2s, 500ms or 2\n", said(p))
		}
	}
}

// deaf heeds no context.
type deaf struct {
	Cluster
	until chan struct{}
}

func (d deaf) ConnectionInfo(context.Context, Request) (*deploy.ConnectionInfo, error) {
	<-d.until
	return nil, nil
}

func TestTimeoutIsHard(t *testing.T) {
	t.Parallel()
	f := newFixture(t).apiVariables().set("DT_START_TIMEOUT=50ms")
	d := deaf{until: make(chan struct{})}
	defer close(d.until)
	began := time.Now()
	p := Make(t.Context(), Input{Args: f.args, Env: f.env, Files: f.files, Cluster: d})
	require.Less(t, time.Since(began), 20*time.Second)
	require.Zero(t, p.Exit)
	require.Contains(t, said(p), "did not answer in time")
	require.Contains(t, said(p), "DT_START_TIMEOUT=50ms")
}

type broken struct {
	Cluster
	secret string
}

func (b broken) ConnectionInfo(context.Context, Request) (*deploy.ConnectionInfo, error) {
	panic(b.secret)
}

func TestPanic(t *testing.T) {
	t.Parallel()
	f := newFixture(t).apiVariables()
	b := broken{secret: rand.Text()}
	p := Make(t.Context(), Input{Args: f.args, Env: f.env, Files: f.files, Cluster: b})
	require.Zero(t, p.Exit)
	require.Contains(t, said(p), "internal error of dt-start")
	require.NotContains(t, said(p), b.secret)
}

func TestNoEndpoints(t *testing.T) {
	t.Parallel()
	f := newFixture(t).apiVariables()
	f.cluster.info = &deploy.ConnectionInfo{Tenant: "a", TenantToken: "b"}
	require.Contains(t, said(f.make(t)), "the cluster names no communication endpoints")
}

func TestCACert(t *testing.T) {
	t.Parallel()
	const pem = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"
	for _, tc := range []struct{ name, value, want, why string }{
		{"certificates", pem, pem, ""},
		{"a file", "/etc/ca.pem", "from the file", ""},
		{"no file", "/etc/none", "", "reading the file that DT_CA_CERT names: file does not exist"},
		{"a part of one", "-----END CERTIFICATE-----", "-----END CERTIFICATE-----", ""},
		{"in quotes", `"` + pem + `"`, "", "invalid DT_CA_CERT: it is in quotes"},
		{"a file in UTF-16", "/etc/utf16.pem", "", "invalid DT_CA_CERT: it is in UTF-16"},
		{"an empty file", "/etc/empty.pem", "", "the file that DT_CA_CERT names is empty"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t).apiVariables().set("DT_CA_CERT=" + tc.value)
			f.files.put("/etc/ca.pem", 0o644, "from the file")
			f.files.put("/etc/utf16.pem", 0o644, "\xff\xfe-\x00-\x00")
			f.files.put("/etc/empty.pem", 0o644, "\n")
			p := f.make(t)
			if tc.why != "" {
				require.Contains(t, said(p), tc.why)
				require.Empty(t, f.cluster.requests)
				return
			}
			require.Equal(t, tc.want, string(f.cluster.requests[0].RootCAs))
		})
	}
}

func TestInsecureHTTPIsSaid(t *testing.T) {
	t.Parallel()
	f := newFixture(t).set("DT_API_URL=http://127.0.0.1", "DT_API_TOKEN=x", "DT_TENANT=abc12345")
	require.Contains(t, said(f.make(t)), "plain http")
}

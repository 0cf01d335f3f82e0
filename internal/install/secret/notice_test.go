package secret

import (
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/random"
	"github.com/stretchr/testify/require"
)

// all are the secrets that a build can be given, as the docs name them.
var all = []string{"DT_API_URL", "DT_API_TOKEN", "DT_TENANT", "DT_CA_CERT", "DT_PROXY", "DT_AGENT_CA", "DT_INSTALLER_CA"}

func TestLoad_ReadsEverySecret(t *testing.T) {
	t.Parallel()
	files, want := values{}, values{}
	for _, id := range all {
		want[id] = random.Text()
		files[id] = want[id] + "\n"
	}
	got, err := Load(folder(t, files))
	require.NoError(t, err)
	require.Equal(t, NewSet(want), got)
}

// The agent's own certificates are not for a program outside of a build.
func TestFromEnvironment_ReadsWhatIsForTheCluster(t *testing.T) {
	t.Parallel()
	env, want := values{"DT_AGENT_CA": random.Text()}, values{}
	for _, id := range all {
		if id != "DT_AGENT_CA" {
			want[id] = random.Text()
			env[id] = want[id]
		}
	}
	got, err := FromEnvironment(func(name string) string { return env[name] })
	require.NoError(t, err)
	require.Equal(t, NewSet(want), got)
}

func TestFromEnvironment_TakesAValueBeforeAFile(t *testing.T) {
	t.Parallel()
	value := random.Text()
	env := map[string]string{"DT_TENANT": value, "DT_TENANT_FILE": "/does/not/exist"}
	got, err := FromEnvironment(func(name string) string { return env[name] })
	require.NoError(t, err)
	require.Equal(t, NewSet(values{"DT_TENANT": value}), got)
	delete(env, "DT_TENANT")
	_, err = FromEnvironment(func(name string) string { return env[name] })
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, "DT_TENANT_FILE")
}

// TestLoad_TakesWhatBuildKitTakes: BuildKit bounds a secret to 500 KiB.
func TestLoad_TakesWhatBuildKitTakes(t *testing.T) {
	t.Parallel()
	most := strings.Repeat("a", 500<<10)
	got, err := Load(folder(t, map[string]string{"DT_CA_CERT": most}))
	require.NoError(t, err)
	require.Len(t, got.Get("DT_CA_CERT"), 500<<10)
	for _, id := range []string{"DT_CA_CERT", "DT_API_TOKEN"} {
		_, err = Load(folder(t, map[string]string{id: most + "a"}))
		require.ErrorContains(t, err, "reading secret "+id+": it has more than 512000 bytes")
	}
}

func TestLoad_ReportsWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "DT_TENANT"), 0o700))
	_, err := Load(dir)
	require.ErrorContains(t, err, "reading secret DT_TENANT: ")
	_, err = FromEnvironment(func(name string) string {
		return map[string]string{"DT_TENANT_FILE": filepath.Join(dir, "DT_TENANT")}[name]
	})
	require.ErrorContains(t, err, "DT_TENANT_FILE")
}

// TestRedactor_HidesTheParts: an error names a host, or a user, and not the whole
// address.
func TestRedactor_HidesTheParts(t *testing.T) {
	t.Parallel()
	host, proxy, user, password, tenant := random.Lower(), random.Lower(), random.Text(), random.Text(), random.Lower()
	s := values{
		"DT_API_URL":   "https://" + host + ".invalid:8443/e/" + tenant + "/api",
		"DT_PROXY":     "http://" + user + ":" + password + "@" + proxy + ".invalid:3128",
		"DT_API_TOKEN": random.Token(),
		"DT_TENANT":    tenant,
		"DT_CA_CERT":   random.Text(),
	}
	for name, text := range map[string]string{
		"host": host + ".invalid", "host and port": host + ".invalid:8443", "proxy": proxy + ".invalid", "proxy and port": proxy + ".invalid:3128",
		"user and password": user + ":" + password, "password": password, "tenant": tenant, "token": s["DT_API_TOKEN"],
		"certificate": s["DT_CA_CERT"], "address": s["DT_API_URL"], "address of the proxy": s["DT_PROXY"],
	} {
		got := NewRedactor(NewSet(s)).Text("lookup " + text + ": no such host")
		require.Regexp(t, `^lookup <.*>: no such host$`, got, name)
		for _, secret := range []string{host, proxy, password, tenant, "8443", "3128", s["DT_API_TOKEN"], s["DT_CA_CERT"]} {
			require.NotContains(t, got, secret, name)
		}
	}
}

// Without an address it is made of the environment's id.
func TestRedactor_HidesAnAddressThatIsNotGiven(t *testing.T) {
	t.Parallel()
	s := values{"DT_API_TOKEN": random.Token(), "DT_TENANT": "abc10890"}
	require.Equal(t, 1, strings.Count(NewRedactor(NewSet(s)).Text("dial abc10890.live.dynatrace.com: refused"), "<"))
	require.NotContains(t, NewRedactor(NewSet(s)).Text("dial abc10890.live.dynatrace.com: refused"), "dynatrace.com")
}

func TestRedactor_LeavesOtherTextAlone(t *testing.T) {
	t.Parallel()
	const text = "http://other.invalid: @ : no such host"
	for _, s := range []values{
		nil,
		{"DT_PROXY": "http://proxy.invalid:3128"},
		{"DT_PROXY": "http://user@proxy.invalid:3128"},
		{"DT_PROXY": "::not a URL", "DT_API_URL": "%zz"},
	} {
		require.Equal(t, text, NewRedactor(NewSet(s)).Text(text))
	}
}

func TestCredentials_NamesEachThatIsMissing(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]values{
		"DT_API_TOKEN DT_TENANT":            {"DT_API_URL": "https://x.invalid"},
		"DT_API_TOKEN":                      {"DT_TENANT": "abc10890"},
		"DT_TENANT":                         {"DT_API_TOKEN": random.Token()},
		"DT_API_TOKEN DT_TENANT DT_API_URL": {"DT_PROXY": "http://x.invalid"},
	} {
		var missing *MissingError
		_, err := NewSet(s).Credentials()
		require.ErrorAs(t, err, &missing)
		require.Equal(t, want, strings.Join(missing.IDs, " "))
		_, err = NewSet(s).Client()
		require.ErrorAs(t, err, &missing, "the client needs them, too")
	}
}

// cluster answers as a cluster does and notes what it is asked.
func cluster(t *testing.T) (s values, asked func() []*http.Request) {
	t.Helper()
	var requests []*http.Request
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests = append(requests, r)
		_, _ = io.WriteString(w, `{"latestAgentVersion":"1.305.152.20241113-104505"}`)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	return values{
		"DT_API_URL": server.URL, "DT_TENANT": "abc10890", "DT_API_TOKEN": random.Token(),
		"DT_CA_CERT": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})),
	}, func() []*http.Request { return slices.Clone(requests) }
}

func TestClient_GoesByTheSecrets(t *testing.T) {
	t.Parallel()
	s, asked := cluster(t)
	ask := func(s values) error {
		c, err := NewSet(s).Client()
		require.NoError(t, err)
		_, err = c.LatestVersion(t.Context(), "default", "x86")
		return err
	}
	require.NoError(t, ask(s))
	require.Equal(t, "Api-Token "+s["DT_API_TOKEN"], asked()[0].Header.Get("Authorization"))
	require.True(t, strings.HasPrefix(asked()[0].URL.Path, "/e/abc10890/api/v1/"), asked()[0].URL.Path)
	require.Regexp(t, `^dt-frontend`, asked()[0].Header.Get("User-Agent"))

	strange := values{"DT_API_URL": s["DT_API_URL"], "DT_TENANT": s["DT_TENANT"], "DT_API_TOKEN": s["DT_API_TOKEN"]}
	require.ErrorContains(t, ask(strange), "DT_CA_CERT", "control: without the certificate the cluster is a stranger")
}

// TestClient_GoesThroughTheProxy: the proxy is asked for the cluster, and nobody
// else.
func TestClient_GoesThroughTheProxy(t *testing.T) {
	t.Parallel()
	s, asked := cluster(t)
	var connects []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connects = append(connects, r.Method+" "+r.Host)
		there, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		here, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
		_, _ = io.Copy(here, there)
		_ = here.Close()
	}))
	t.Cleanup(proxy.Close)
	s["DT_PROXY"] = proxy.URL
	c, err := NewSet(s).ClientWith(deploy.Options{})
	require.NoError(t, err)
	v, err := c.LatestVersion(t.Context(), "default", "x86")
	require.NoError(t, err)
	require.Equal(t, "1.305.152.20241113-104505", v)
	require.Equal(t, []string{"CONNECT " + strings.TrimPrefix(s["DT_API_URL"], "https://")}, connects)
	require.Len(t, asked(), 1)
}

func TestClient_RefusesWhatIsNotUsable(t *testing.T) {
	t.Parallel()
	s, _ := cluster(t)
	for id, value := range map[string]string{"DT_PROXY": "ftp://x.invalid", "DT_CA_CERT": "none"} {
		bad := values{"DT_API_URL": s["DT_API_URL"], "DT_TENANT": s["DT_TENANT"], "DT_API_TOKEN": s["DT_API_TOKEN"], id: value}
		_, err := NewSet(bad).Client()
		require.ErrorContains(t, err, id)
	}
}

package deploy

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/standin/front"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

func TestStatusErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, body string
		code       int
		want       string
	}{
		{"401", `{"error":{"code":401,"message":"Token Authentication failed"}}`, 401, "the cluster refused the token (401): Token Authentication failed; check DT_API_TOKEN"},
		{"403", `{"error":{"code":403,"message":"Token is missing required scope. Use one of: InstallerDownload (PaaS integration - Installer download)"}}`, 403, "the access token (dt0c01) lacks the scope InstallerDownload (403): Token is missing required scope. Use one of: InstallerDownload (PaaS integration - Installer download); make one with it"},
		{"404 html", `<html>SECRET</html>`, 404, "the cluster does not know what was asked for (404); check DT_API_URL and DT_TENANT"},
		{"400 constraints", `{"error":{"message":"Constraints violated","constraintViolations":[{"path":"networkZone","message":"unknown zone"},{"message":"too long"}]}}`, 400, "the cluster rejected the request (400): Constraints violated; networkZone: unknown zone; too long"},
		{"list", `[{"error":{"message":"one"}},{"error":{"message":"two"}}]`, 400, "(400): one; two"},
		{"empty error", `{"error":{}}`, 400, "the cluster rejected the request (400)"},
		{"echo", `{"error":{"message":"token TOKEN of TENANT\n\u001b[31m is SEC\u0000RET"}}`, 401, "token <DT_API_TOKEN> of <DT_TENANT> [31m is"},
		{"long", `{"error":{"message":"` + strings.Repeat("a", 5000) + `"}}`, 400, strings.Repeat("a", maxMessage) + "…"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var c *cluster
			c = newCluster(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tc.code)
				_, _ = io.WriteString(w, strings.NewReplacer("TOKEN", c.creds.Token, "TENANT", c.creds.Tenant).Replace(tc.body))
			})
			_, err := c.client(t, Options{}).ConnectionInfo(t.Context(), "", "")
			require.ErrorContains(t, err, tc.want)
			var status *StatusError
			require.ErrorAs(t, err, &status)
			require.Equal(t, tc.code, status.Code)
			c.clean(t, err)
			require.EqualValues(t, 1, c.requests.Load(), "not asked again")
		})
	}
}

func TestTenantTokenStaysHidden(t *testing.T) {
	t.Parallel()
	var c *cluster
	c = newCluster(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/connectioninfo") {
			_ = json.NewEncoder(w).Encode(map[string]string{"tenantUUID": "a", "tenantToken": c.secret})
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":{"message":"no %s here"}}`, c.secret)
	})
	cl := c.client(t, Options{})
	_, err := cl.ConnectionInfo(t.Context(), "", "")
	require.NoError(t, err)
	_, err = cl.LatestVersion(t.Context(), agent.FlavorMusl, agent.ArchARM)
	require.ErrorContains(t, err, "no <tenant token> here")
	c.clean(t, err)
}

func TestNetworkErrors(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed := "https://" + l.Addr().String()
	require.NoError(t, l.Close())
	plain := httptest.NewServer(answer("{}"))
	t.Cleanup(plain.Close)
	c := newCluster(t, answer("{}"))
	_, port, err := net.SplitHostPort(c.Listener.Addr().String())
	require.NoError(t, err)

	for _, tc := range []struct {
		name, url, want string
		ca              []byte
	}{
		{"refused", closed, "refused the connection", nil},
		{"unknown authority", c.URL, "certificate of an unknown authority: pass that authority's certificate (PEM) as DT_CA_CERT", nil},
		{"authority not given", c.URL, "certificate of an authority that is neither in DT_CA_CERT nor known to this machine: add that authority's certificate (PEM) to DT_CA_CERT", []byte(front.Certificate(t, nil))},
		{"other name", "https://localhost:" + port, "certificate for other names: check DT_API_URL", c.ca()},
		{"no tls", strings.Replace(plain.URL, "http:", "https:", 1), "does not speak TLS", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			creds := c.creds
			creds.URL = tc.url
			cl, err := newClient(t, creds, Options{RootCAs: tc.ca, Timeout: 2 * time.Second})
			require.NoError(t, err)
			_, err = cl.ConnectionInfo(t.Context(), "", "")
			require.ErrorContains(t, err, tc.want)
			c.clean(t, err)
		})
	}
	require.Zero(t, c.requests.Load())
}

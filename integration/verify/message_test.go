package verify

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// requireSilent fails if anything of a subject is in what a build printed.
func (s *subject) requireSilent(t *testing.T, r buildx.Result) {
	t.Helper()
	search.Haystack{"output": []byte(r.Output)}.RequireNone(t, s.sentinels)
}

// A proxy that refuses says so with its own URL.
func TestMessages_OfAProxyWithItsPassword(t *testing.T) {
	s := newSubject(t)
	s.proxy.Refuse()
	r := buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: s.secrets})
	require.Contains(t, buildx.LastError(t, r), "the proxy refused to connect to the cluster (403 Forbidden): check DT_PROXY or HTTPS_PROXY")
	s.requireSilent(t, r)
}

// What a cluster, or whoever stands before it, answers may quote the request.
func TestMessages_OfAnswersThatQuoteTheToken(t *testing.T) {
	token := func(r *http.Request) string {
		_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		return token
	}
	installer := func(r *http.Request) bool {
		return strings.Contains(r.URL.Path, "/agent/unix/") && !strings.HasSuffix(r.URL.Path, "/metainfo")
	}
	tests := map[string]struct {
		only   func(*http.Request) bool // all, if it is nil
		answer func(w http.ResponseWriter, r *http.Request)
		want   string
	}{
		"an error in the documented form": {nil, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, `{"error":{"code":403,"message":"%s may not do that","constraintViolations":[{"path":%q,"message":%q}]}}`,
				token(r), r.URL.Path, r.Host)
		}, "<DT_API_TOKEN> may not do that; /e/<DT_TENANT>/api/v1/deployment"},
		"an error in another form": {nil, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusUnauthorized)
			_ = r.Write(w)
		}, "the cluster refused the token (401)"},
		"JSON in another form": {nil, func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"tenantUUID":[%q],"tenantToken":{%[1]q:%[1]q},"latestAgentVersion":[%[1]q]}`, token(r))
		}, "no JSON of the expected form"},
		"no JSON": {nil, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, token(r))
		}, "no JSON of the expected form"},
		"a redirect": {nil, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.test/"+token(r)+r.URL.Path, http.StatusFound)
		}, "the cluster redirects to another host: refused"},
		"a status text": {nil, func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				fmt.Fprintf(conn, "HTTP/1.1 400 %s\r\nConnection: close\r\n\r\n", token(r))
				_ = conn.Close()
			}
		}, "the cluster rejected the request (400)"},
		"no HTTP": {nil, func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				fmt.Fprintf(conn, "%s\r\n\r\n", token(r))
				_ = conn.Close()
			}
		}, "dynatrace: asking <host of DT_API_URL>: "},
		"an installer's type": {installer, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/"+token(r)+"; of="+token(r))
			_, _ = io.WriteString(w, token(r))
		}, "with something that is no shell script (Content-Type "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newSubjectBehind(t, func(cluster http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if tt.only != nil && !tt.only(r) {
						cluster.ServeHTTP(w, r)
						return
					}
					tt.answer(w, r)
				})
			})
			r := buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: s.secrets})
			require.Contains(t, buildx.LastError(t, r), tt.want)
			s.requireSilent(t, r)
		})
	}
}

// Secrets that are not what they should be are named and not quoted.
func TestMessages_OfSecretsThatCannotBeUsed(t *testing.T) {
	password := rand.Text()
	tests := map[string]struct{ id, value, want string }{
		"an address that cannot be read":    {"DT_API_URL", "https://user:" + password + "@[cluster/e/x/api", "DT_API_URL is not a URL"},
		"an address with a space":           {"DT_API_URL", "https://user:" + password + "@cluster .test/api", "DT_API_URL is not a URL"},
		"an address with a password":        {"DT_API_URL", "https://user:" + password + "@cluster.test/api", "DT_API_URL must not hold a user name or password"},
		"an address with a token":           {"DT_API_URL", "https://cluster.test/api?Api-Token=" + password, "DT_API_URL must end with its path"},
		"an address of another kind":        {"DT_API_URL", "user:" + password + "://cluster", "DT_API_URL must begin with https://"},
		"a proxy that cannot be read":       {"DT_PROXY", "http://user:" + password + "@[proxy", "DT_PROXY is no URL of a proxy"},
		"a proxy without a scheme":          {"DT_PROXY", "user:" + password + "@proxy.test:3128", "DT_PROXY is no URL of a proxy"},
		"a proxy that nobody knows":         {"DT_PROXY", "http://user:" + password + "@proxy.test:3128", "cannot find host"},
		"a certificate that is none":        {"DT_CA_CERT", "-----BEGIN CERTIFICATE-----\n" + password + "\n-----END CERTIFICATE-----", "invalid DT_CA_CERT: block 1 of 1 (line 1) is damaged"},
		"a token of several words":          {"DT_API_TOKEN", "Api-Token " + password, "DT_API_TOKEN is no API token"},
		"an environment that is a sentence": {"DT_TENANT", "my " + password, "DT_TENANT is no environment id"},
	}
	s := newSubject(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			secrets := map[string]string{}
			for id, value := range s.secrets {
				secrets[id] = value
			}
			secrets[tt.id] = tt.value
			r := buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: secrets})
			require.Contains(t, buildx.LastError(t, r), tt.want)
			s.requireSilent(t, r)
			search.Haystack{"output": []byte(r.Output)}.RequireNone(t, []cluster.Secret{{Name: "password", Value: password}})
		})
	}
}

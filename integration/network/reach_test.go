package network

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/integration/standin/front"
	"github.com/stretchr/testify/require"
)

// How a build reaches its cluster. Proxies in build args, hosts of the command
// line and the proxy network are in proxy_test.go, networks in network_test.go,
// and DT_PROXY with a password and DT_CA_CERT in integration/verify.

// behind serves an environment with TLS at 127.0.0.1, and lets wrap answer in
// front of it. It returns secrets and the address, which is like https://host.
func behind(t *testing.T, wrap func(http.Handler) http.Handler) (env *cluster.Environment, secrets map[string]string, address string) {
	t.Helper()
	srv := tenant.NewCluster(t)
	env = srv.AddEnvironment()
	authority := front.NewAuthority(t)
	address = "https://" + front.Serve(t, authority, "127.0.0.1", "127.0.0.1:0", wrap(front.Forward(t, srv.URL())))
	secrets = tenant.Secrets(env)
	secrets["DT_API_URL"] = address + "/e/" + env.ID() + "/api"
	secrets["DT_CA_CERT"] = authority.PEM
	return env, secrets, address
}

// requireToken fails if anything was asked of an environment without its token.
func requireToken(t *testing.T, env *cluster.Environment) {
	t.Helper()
	require.NotEmpty(t, env.Requests())
	for _, r := range env.Requests() {
		require.Equal(t, env.ID(), r.Owner, "%s", r.Endpoint)
	}
}

// A cluster may have an address instead of a name, in either form of addresses.
func TestCluster_AtAnIPv6Address(t *testing.T) {
	srv := cluster.New(cluster.Options{})
	require.NoError(t, srv.Start("[::1]:0"), "this machine has no IPv6 at its loopback interface")
	t.Cleanup(func() { _ = srv.Close() })
	env := srv.AddEnvironment()
	require.Contains(t, env.APIURL(), "http://[::1]:")
	r := buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env)})
	requireToken(t, env)
	search.Image(t, r).RequireNone(t, env.Secrets())
	search.RequireNoSecrets(t, r.Output, env)

	// And with TLS, where the address stands in the certificate.
	other := srv.AddEnvironment()
	authority := front.NewAuthority(t)
	secrets := tenant.Secrets(other)
	secrets["DT_API_URL"] = "https://" + front.Serve(t, authority, "::1", "[::1]:0", front.Forward(t, srv.URL())) + "/e/" + other.ID() + "/api"
	secrets["DT_CA_CERT"] = authority.PEM
	buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: secrets})
	requireToken(t, other)
}

// A managed cluster may share its host with others. The path is the user's own,
// with /api or without, and with slashes at its end.
func TestCluster_BehindAPath(t *testing.T) {
	for name, end := range map[string]string{"documented": "/api", "without api": "", "with slashes": "/api//"} {
		t.Run(name, func(t *testing.T) {
			env, secrets, address := behind(t, func(h http.Handler) http.Handler { return http.StripPrefix("/some/prefix", h) })
			secrets["DT_API_URL"] = address + "/some/prefix/e/" + env.ID() + end
			buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: secrets})
			requireToken(t, env)
		})
	}
	// A prefix alone is taken for the whole path: an environment of its own may
	// have it.
	env, secrets, address := behind(t, func(h http.Handler) http.Handler { return http.StripPrefix("/some/prefix", h) })
	secrets["DT_API_URL"] = address + "/some/prefix"
	r := buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: secrets})
	require.Contains(t, buildx.LastError(t, r), "(404)")
	require.Contains(t, buildx.LastError(t, r), "check DT_API_URL and DT_TENANT")
	search.RequireNoSecrets(t, r.Output, env)
}

// A redirect on the cluster's own host is followed, with the token.
func TestRedirect_OnTheSameHost(t *testing.T) {
	var followed atomic.Int64
	env, secrets, _ := behind(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if path, ok := strings.CutPrefix(r.URL.Path, "/moved"); ok {
				followed.Add(1)
				r.URL.Path = path
				h.ServeHTTP(w, r)
				return
			}
			http.Redirect(w, r, "/moved"+r.URL.Path+"?"+r.URL.RawQuery, http.StatusTemporaryRedirect)
		})
	})
	buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: secrets})
	require.EqualValues(t, len(env.Requests()), followed.Load())
	requireToken(t, env)
}

// Others are not, and get nothing. To another host by https see
// TestMessages_OfAnswersThatQuoteTheToken.
func TestRedirect_Refused(t *testing.T) {
	for name, tt := range map[string]struct {
		// to returns where to, given another server and the request's own URL.
		to   func(other string, r *http.Request) string
		want string
	}{
		"another port": {func(other string, r *http.Request) string {
			return "https://" + other + r.URL.Path
		}, "the cluster redirects to another host: refused, since the token is not for it; check DT_API_URL"},
		"plain http": {func(_ string, r *http.Request) string {
			return "http://" + r.Host + r.URL.Path
		}, "the cluster redirects to plain http: refused, since that would show the token"},
		"itself": {func(_ string, r *http.Request) string {
			return r.URL.Path
		}, "the cluster redirects without end"},
	} {
		t.Run(name, func(t *testing.T) {
			var strayed atomic.Int64
			other := front.Serve(t, front.NewAuthority(t), "127.0.0.1", "127.0.0.1:0", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				strayed.Add(1)
			}))
			env, secrets, _ := behind(t, func(http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					http.Redirect(w, r, tt.to(other, r), http.StatusFound)
				})
			})
			r := buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: secrets})
			require.Contains(t, buildx.LastError(t, r), tt.want)
			require.Less(t, r.Took, maxFailure)
			require.Zero(t, strayed.Load())
			search.RequireNoSecrets(t, r.Output, env)
		})
	}
}

// A zone that the cluster does not know is that of all.
func TestNetwork_UnknownZone(t *testing.T) {
	env := tenant.New(t, cluster.WithNetworkZones("other.zone"))
	r := buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Args: buildx.Options("network-zone=my.zone")})
	require.Contains(t, r.Output, "the cluster has no installer for this network zone, and sends that of the default zone")
	for _, asked := range env.Requests() {
		switch asked.Endpoint {
		case cluster.EndpointConnectionInfo:
			require.Equal(t, "my.zone", asked.Query.Get("networkZone"))
			require.Equal(t, "true", asked.Query.Get("defaultZoneFallback"))
			require.Equal(t, http.StatusOK, asked.Status)
		case cluster.EndpointInstaller:
			require.Equal(t, asked.Query.Has("networkZone"), asked.Status == http.StatusBadRequest)
		}
	}
	require.Equal(t, 2, tenant.Downloads(env))
}

// The proxy of DT_PROXY, too, may be a host of the command line.
func TestProxy_AtAnAddedHost(t *testing.T) {
	env, secrets, address := behind(t, func(h http.Handler) http.Handler { return h })
	u, err := url.Parse(address)
	require.NoError(t, err)
	proxy := front.NewProxy(t, url.UserPassword("somebody", "planted-password"), map[string]string{u.Host: u.Host})
	_, port, err := net.SplitHostPort(proxy.Host())
	require.NoError(t, err)
	host := "proxy-" + env.ID() + ".test"
	secrets["DT_PROXY"] = "http://somebody:planted-password@" + host + ":" + port
	app := buildx.Request{Dockerfile: buildx.SmallApp, Secrets: secrets}
	r := buildx.Fails(t, app)
	require.Contains(t, buildx.LastError(t, r), "cannot find host", "control: the proxy is the only way")
	require.NotContains(t, r.Output, "planted-password")

	app.Args = []string{"--add-host=" + host + ":127.0.0.1"}
	r = buildx.Build(t, app)
	require.NotZero(t, proxy.Used())
	require.NotContains(t, r.Output, "planted-password")
	require.Empty(t, search.Image(t, r).Find("planted-password"))
	requireToken(t, env)
}

// maxFailure is how long a build may take to say that it cannot work.
const maxFailure = 10 * time.Second

package verify

import (
	"crypto/rand"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/integration/standin/front"
	"github.com/stretchr/testify/require"
)

// subject is an environment behind all that may stand before a cluster, so that
// every secret that a build may be given has a random value.
type subject struct {
	env   *cluster.Environment
	proxy *front.Proxy
	// secrets are the build's, by id.
	secrets map[string]string
	// sentinels are what may be left nowhere.
	sentinels []cluster.Secret
	// planted is a value that has to be found wherever one looks: a search that
	// finds nothing proves nothing.
	planted string
}

func newSubject(t testing.TB, opts ...cluster.EnvironmentOption) *subject {
	t.Helper()
	return newSubjectBehind(t, func(h http.Handler) http.Handler { return h }, opts...)
}

// newSubjectBehind lets wrap answer in front of the cluster.
func newSubjectBehind(t testing.TB, wrap func(http.Handler) http.Handler, opts ...cluster.EnvironmentOption) *subject {
	t.Helper()
	srv := tenant.NewCluster(t)
	s := &subject{env: srv.AddEnvironment(opts...), planted: "planted" + strings.ToLower(rand.Text())}
	authority := front.NewAuthority(t)
	host := "cluster-" + strings.ToLower(rand.Text()) + ".test"
	address := front.Serve(t, authority, host, "127.0.0.1:0", wrap(front.Forward(t, srv.URL())))
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	host += ":" + port
	// What an URL has to escape is in many passwords.
	user, password := "user-"+rand.Text(), "p/"+rand.Text()+"@+"
	s.proxy = front.NewProxy(t, url.UserPassword(user, password), map[string]string{host: address})

	s.secrets = tenant.Secrets(s.env)
	s.secrets["DT_API_URL"] = "https://" + host + "/e/" + s.env.ID() + "/api"
	s.secrets["DT_CA_CERT"] = authority.PEM
	s.secrets["DT_PROXY"] = s.proxy.URL()
	add := func(name, value string) { s.sentinels = append(s.sentinels, cluster.Secret{Name: name, Value: value}) }
	s.sentinels = s.env.Secrets()
	for id, value := range s.secrets {
		add(id, strings.TrimSpace(value))
	}
	for _, endpoint := range s.env.Endpoints() {
		add("endpoint", endpoint)
	}
	add("host", strings.TrimSuffix(host, ":"+port))
	add("address behind the proxy", address)
	add("proxy host", s.proxy.Host())
	add("proxy user", user)
	add("proxy password", password)
	add("proxy credentials", user+":"+password)
	add("authority", authority.Name)
	for line := range strings.Lines(authority.PEM) {
		if !strings.HasPrefix(line, "-----") {
			add("certificate", strings.TrimSpace(line))
		}
	}
	return s
}

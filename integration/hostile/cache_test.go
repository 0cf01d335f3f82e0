package hostile

import (
	"crypto/rand"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/daemon"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/integration/standin/front"
	"github.com/stretchr/testify/require"
)

// Every environment's agent of one version is another, by its mark: whoever
// builds first must not decide what the next one gets, by the builder's cache or
// by one that is imported. How it is at once, TestTenants_StayApart shows.
func TestHostileCache_OfAnotherEnvironment(t *testing.T) {
	d := daemon.New(t, daemon.Options{})
	hostile, first, second := tenant.New(t), tenant.New(t), tenant.New(t)
	cache := testenv.Registry(t) + "/hostile:" + hostile.ID()
	app := func(env *cluster.Environment, args ...string) buildx.Request {
		return buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Args: args, Env: d.Env()}
	}
	buildx.Build(t, app(hostile, "--cache-to=type=registry,mode=max,ref="+cache))
	r := buildx.Build(t, app(first))
	require.Equal(t, first.Marker(), inspect.Marker(t, r))
	require.Equal(t, 1, tenant.Downloads(first), "it has downloaded its own")

	d.Prune()
	r = buildx.Build(t, app(hostile, "--cache-from=type=registry,ref="+cache))
	require.Equal(t, hostile.Marker(), inspect.Marker(t, r))
	require.Equal(t, 1, tenant.Downloads(hostile), "control: the cache is good for who has made it")
	d.Prune()
	r = buildx.Build(t, app(second, "--cache-from=type=registry,ref="+cache))
	require.Equal(t, second.Marker(), inspect.Marker(t, r))
	require.Equal(t, 1, tenant.Downloads(second), "it has downloaded its own")
}

// contest are two builds of one environment, with the same secrets but for the
// way to the cluster. What the hostile one gets there is another agent.
type contest struct {
	honest, hostile buildx.Request
	// arrange, if any, is called before either builds alone. Such two cannot
	// build at once.
	arrange func(hostile bool)
}

// scene is one environment that two servers answer for.
type scene struct {
	authority *front.Authority
	// host is the name by which both are asked.
	host    string
	secrets map[string]string
	handler http.Handler // of the honest server
	changed http.Handler // of the hostile one
}

// A build that brings its own way to the cluster must not change what others of
// the same environment get.
func TestHostileCache_OfAnotherWayToTheCluster(t *testing.T) {
	d := daemon.New(t, daemon.Options{})
	for name, contest := range map[string]func(*testing.T, *scene) contest{
		"its own proxy":              ownProxy,
		"its own proxy as build arg": ownProxyArg,
		"its own authority":          ownAuthority,
		"its own hosts":              ownHosts,
	} {
		t.Run(name, func(t *testing.T) {
			env, other := tenant.New(t), tenant.New(t)
			c := contest(t, newScene(t, env, other))
			cache := testenv.Registry(t) + "/hostile:" + env.ID()
			try := func(r buildx.Request, version string, args ...string) (buildx.Result, error) {
				if c.arrange != nil {
					c.arrange(r.Name == c.hostile.Name)
				}
				r.Dockerfile, r.Env = buildx.SmallApp, d.Env()
				r.Args = append(append(r.Args[:len(r.Args):len(r.Args)], buildx.Options("version="+version)...), args...)
				return buildx.Try(t, r)
			}
			get := func(r buildx.Request, version string, args ...string) string {
				res, err := try(r, version, args...)
				require.NoError(t, err, res.Output)
				return inspect.Marker(t, res)
			}
			version := cluster.DefaultVersions[0]
			require.Equal(t, other.Marker(), get(c.hostile, version, "--cache-to=type=registry,mode=max,ref="+cache), "control: it gets another agent")
			require.Equal(t, env.Marker(), get(c.honest, version), "with the builder's cache")
			d.Prune()
			require.Equal(t, env.Marker(), get(c.honest, version, "--cache-from=type=registry,ref="+cache), "with the hostile one's cache")
			require.Equal(t, other.Marker(), get(c.hostile, version), "nor the other way round")

			if c.arrange != nil {
				return
			}
			for _, version := range cluster.DefaultVersions[1:] {
				var results [2]buildx.Result
				var errs [2]error
				var wg sync.WaitGroup
				for i, r := range []buildx.Request{c.hostile, c.honest} {
					wg.Go(func() { results[i], errs[i] = try(r, version) })
				}
				wg.Wait()
				for i, env := range []*cluster.Environment{other, env} {
					require.NoError(t, errs[i], results[i].Output)
					require.Equal(t, env.Marker(), inspect.Marker(t, results[i]), "at once")
				}
				require.Equal(t, env.Marker(), get(c.honest, version), "after both")
			}
		})
	}
}

func newScene(t *testing.T, env, other *cluster.Environment) *scene {
	t.Helper()
	to, err := url.Parse(env.APIURL())
	require.NoError(t, err)
	s := &scene{
		authority: front.NewAuthority(t),
		host:      "cluster-" + strings.ToLower(rand.Text()) + ".test",
		secrets:   tenant.Secrets(env),
		handler:   front.Forward(t, to.Scheme+"://"+to.Host),
	}
	s.changed = changedInstaller(t, s.handler, env, other)
	s.secrets["DT_CA_CERT"] = s.authority.PEM
	s.secrets["DT_API_URL"] = "https://" + s.host + "/e/" + env.ID() + "/api"
	return s
}

// changedInstaller answers as env does, tenant token and all, but for the
// installer, which is other's of the same version.
func changedInstaller(t *testing.T, as http.Handler, env, other *cluster.Environment) http.Handler {
	t.Helper()
	to, err := url.Parse(other.APIURL())
	require.NoError(t, err)
	of := front.Forward(t, to.Scheme+"://"+to.Host)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "/agent/unix/") || strings.HasSuffix(r.URL.Path, "/metainfo") {
			as.ServeHTTP(w, r)
			return
		}
		r.URL.Path = strings.Replace(r.URL.Path, "/e/"+env.ID()+"/", "/e/"+other.ID()+"/", 1)
		r.Header.Set("Authorization", "Api-Token "+other.APIToken())
		of.ServeHTTP(w, r)
	})
}

// both starts the two servers, and returns a proxy to each.
func (s *scene) both(t *testing.T) (honest, hostile *front.Proxy) {
	t.Helper()
	proxy := func(h http.Handler) *front.Proxy {
		address := front.Serve(t, s.authority, s.host, "127.0.0.1:0", h)
		return front.NewProxy(t, url.UserPassword("user", rand.Text()), map[string]string{s.host + ":443": address})
	}
	return proxy(s.handler), proxy(s.changed)
}

// with returns a build that has one further secret.
func (s *scene) with(name, id, value string) buildx.Request {
	secrets := map[string]string{id: value}
	for id, value := range s.secrets {
		if secrets[id] == "" {
			secrets[id] = value
		}
	}
	return buildx.Request{Name: name, Secrets: secrets}
}

func ownProxy(t *testing.T, s *scene) contest {
	honest, hostile := s.both(t)
	return contest{honest: s.with("Honest", "DT_PROXY", honest.URL()), hostile: s.with("Hostile", "DT_PROXY", hostile.URL())}
}

func ownProxyArg(t *testing.T, s *scene) contest {
	honest, hostile := s.both(t)
	with := func(name string, proxy *front.Proxy) buildx.Request {
		return buildx.Request{Name: name, Secrets: s.secrets, Args: []string{"--build-arg", "HTTPS_PROXY=" + proxy.URL()}}
	}
	return contest{honest: with("Honest", honest), hostile: with("Hostile", hostile)}
}

// ownAuthority is somebody on the way who can answer instead of the cluster, but
// has no certificate that others trust.
func ownAuthority(t *testing.T, s *scene) contest {
	own := front.NewAuthority(t)
	addresses := map[bool]string{
		false: front.Serve(t, s.authority, s.host, "127.0.0.1:0", s.handler),
		true:  front.Serve(t, own, s.host, "127.0.0.1:0", s.changed),
	}
	proxy := front.NewProxy(t, url.UserPassword("user", rand.Text()), nil)
	s.secrets["DT_PROXY"] = proxy.URL()
	return contest{
		honest:  s.with("Honest", "DT_CA_CERT", s.authority.PEM),
		hostile: s.with("Hostile", "DT_CA_CERT", own.PEM),
		arrange: func(hostile bool) { proxy.Route(s.host+":443", addresses[hostile]) },
	}
}

func ownHosts(t *testing.T, s *scene) contest {
	address := front.Serve(t, s.authority, s.host, "127.0.0.1:0", s.handler)
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	front.Serve(t, s.authority, s.host, "127.0.0.2:"+port, s.changed)
	s.secrets["DT_API_URL"] = strings.Replace(s.secrets["DT_API_URL"], s.host, s.host+":"+port, 1)
	with := func(name, ip string) buildx.Request {
		return buildx.Request{Name: name, Secrets: s.secrets, Args: []string{"--add-host=" + s.host + ":" + ip}}
	}
	return contest{honest: with("Honest", "127.0.0.1"), hostile: with("Hostile", "127.0.0.2")}
}

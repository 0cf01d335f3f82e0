package network

import (
	"crypto/rand"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/daemon"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// behindTLS serves an environment with TLS by a name that nobody can look up.
// It returns the secrets for it and the server's address.
func behindTLS(t *testing.T, port bool) (env *cluster.Environment, secrets map[string]string, host, address string) {
	t.Helper()
	srv := tenant.NewCluster(t)
	env = srv.AddEnvironment()
	front := httptest.NewUnstartedServer(srv)
	// A client may open more connections than it then needs.
	front.Config.ErrorLog = log.New(io.Discard, "", 0)
	front.StartTLS()
	t.Cleanup(front.Close)
	address = front.Listener.Addr().String()
	// What the certificate of httptest is for.
	host = env.ID() + ".example.com"
	secrets = tenant.Secrets(env)
	secrets["DT_API_URL"] = "https://" + host
	if port {
		_, p, err := net.SplitHostPort(address)
		require.NoError(t, err)
		secrets["DT_API_URL"] += ":" + p
	}
	secrets["DT_API_URL"] += "/e/" + env.ID() + "/api"
	secrets["DT_CA_CERT"] = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw}))
	return env, secrets, host, address
}

// tunnels is a proxy that connects everybody with one server.
type tunnels struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func newTunnels(t *testing.T, to string) *tunnels {
	t.Helper()
	p := &tunnels{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked = append(p.asked, r.Method+" "+r.Host)
		p.mu.Unlock()
		server, err := net.Dial("tcp", to)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer server.Close()
		w.WriteHeader(http.StatusOK)
		client, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer client.Close()
		go func() {
			_, _ = io.Copy(server, buffered)
			_ = server.(*net.TCPConn).CloseWrite()
		}()
		_, _ = io.Copy(client, server)
	}))
	t.Cleanup(p.Close)
	return p
}

// seen returns what clients asked for, and forgets it.
func (p *tunnels) seen() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer func() { p.asked = nil }()
	return p.asked
}

// The predefined build args for proxies count for the agent's steps as they do
// for the app's, and are as little part of the image.
func TestProxy_BuildArgs(t *testing.T) {
	env, secrets, host, address := behindTLS(t, false)
	proxy := newTunnels(t, address)
	u, err := url.Parse(proxy.URL)
	require.NoError(t, err)
	u.User = url.UserPassword("somebody", "planted-password")

	app := buildx.Request{Dockerfile: buildx.SmallApp, Secrets: secrets}
	r := buildx.Fails(t, app)
	require.Contains(t, buildx.LastError(t, r), "cannot find host", "control: the proxy is the only way")

	// BuildKit's cache does not tell proxies apart: the step is this test's.
	app.Dockerfile = "# syntax=SYNTAX\nFROM busybox:1.37-musl\nRUN : " + rand.Text() + "; echo \"app: $HTTPS_PROXY\" | busybox sed s/planted/seen/\n"
	for _, name := range []string{"HTTPS_PROXY", "https_proxy"} {
		t.Run(name, func(t *testing.T) {
			app.Args = []string{"--build-arg", name + "=" + u.String(), "--provenance=false"}
			r := buildx.Build(t, app)
			if name == "HTTPS_PROXY" {
				require.Contains(t, r.Output, "app: http://somebody:seen-password@", "control: it reaches the app's steps")
			}
			seen := proxy.seen()
			require.NotEmpty(t, seen)
			for _, request := range seen {
				require.Equal(t, "CONNECT "+host+":443", request)
			}
			h := search.Image(t, r)
			require.Empty(t, h.Find(u.Host), "the proxy is not in the image")
			require.Empty(t, h.Find("planted-password"))
			require.NotContains(t, r.Output, "planted-password")
			search.RequireNoSecrets(t, r.Output, env)
		})
	}
	app.Args = append(app.Args, "--build-arg", "no_proxy="+host)
	r = buildx.Fails(t, app)
	require.Contains(t, buildx.LastError(t, r), "cannot find host")
	require.Empty(t, proxy.seen(), "NO_PROXY counts, too")
}

// A proxy that cannot be used is named, and its password is not.
func TestProxy_Refuses(t *testing.T) {
	_, secrets, _, _ := behindTLS(t, false)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	t.Cleanup(srv.Close)
	proxy := strings.Replace(srv.URL, "http://", "http://somebody:planted-password@", 1)
	r := buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: secrets, Args: []string{"--build-arg", "HTTPS_PROXY=" + proxy}})
	require.Contains(t, buildx.LastError(t, r), "the proxy refused to connect to the cluster (407 Proxy Authentication Required)")
	require.NotContains(t, r.Output, "planted-password")
}

// Hosts that the command line adds are known to the agent's steps as to the
// app's.
func TestAddHost_ReachesTheAgentsSteps(t *testing.T) {
	env, secrets, host, _ := behindTLS(t, true)
	app := buildx.Request{Dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nRUN grep " + host + " /etc/hosts >/seen\n", Secrets: secrets}
	buildx.Fails(t, app)
	require.Empty(t, env.Requests(), "control: nobody else knows the host")

	app.Args = []string{"--add-host=" + host + ":127.0.0.1"}
	r := buildx.Build(t, app)
	require.Equal(t, 1, tenant.Downloads(env))
	require.NotContains(t, strings.Join(r.Image(t).Config.Config.Env, "\n"), host)
}

// BuildKit's proxy network writes down every address that a step asks for. There
// the cluster is not asked at all.
func TestNetwork_RecordedIsNotUsed(t *testing.T) {
	env, secrets, host, _ := behindTLS(t, true)
	app := buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nRUN echo \"through $https_proxy\"\n",
		Secrets:    secrets,
		Env:        daemon.New(t, daemon.Options{Network: "auto", Top: "proxyNetwork = true\ninsecure-entitlements = [\"network.host\"]"}).Env(),
		Args:       []string{"--network=host", "--allow=network.host", "--add-host=" + host + ":127.0.0.1"},
	}
	r := buildx.Fails(t, app)
	require.Contains(t, buildx.LastError(t, r), "dynatrace: this builder writes the address of every request into the build's log and provenance")
	require.Empty(t, env.Requests())
	search.RequireNoSecrets(t, r.Output, env)

	app.Args = append(app.Args, "--no-cache", "--build-arg=DYNATRACE=mode=runtime")
	require.Contains(t, buildx.Build(t, app).Output, "through http://", "control: there is such a network")
}

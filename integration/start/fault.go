package start

import (
	"bytes"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/integration/standin/front"
)

// limited is a limit that no start waits for.
func limited(_ *testing.T, env *cluster.Environment, _ *runc.Spec) string {
	env.SetFault(cluster.Fault{Kind: cluster.FaultRateLimit, Reset: time.Hour})
	return ""
}

// answered is the stand-in's own way to fail.
func answered(kind cluster.FaultKind) startFault {
	return func(_ *testing.T, env *cluster.Environment, _ *runc.Spec) string {
		env.SetFault(cluster.Fault{Kind: kind})
		return ""
	}
}

// answeredBy is an answer by hand.
func answeredBy(h http.HandlerFunc) startFault {
	return func(t *testing.T, _ *cluster.Environment, _ *runc.Spec) string {
		srv := httptest.NewServer(h)
		t.Cleanup(srv.Close)
		return srv.URL
	}
}

func drip(w http.ResponseWriter, r *http.Request) {
	for i := 0; r.Context().Err() == nil; i++ {
		if _, err := io.WriteString(w, `{"tenantUUID":`[i:i+1]); err != nil {
			return
		}
		w.(http.Flusher).Flush()
		select {
		case <-r.Context().Done():
		case <-time.After(time.Second):
		}
	}
}

func gigabyte(w http.ResponseWriter, _ *http.Request) {
	chunk := bytes.Repeat([]byte(" "), 1<<20)
	for range 1 << 10 {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

// refused is a port that nobody listens on, in a network of its own, where
// nobody can come to.
func refused(t *testing.T, _ *cluster.Environment, spec *runc.Spec) string {
	ownNetwork(t, spec)
	return "http://127.0.0.1:8080"
}

// blackHole takes no connection and refuses none.
func blackHole(t *testing.T, _ *cluster.Environment, spec *runc.Spec) string {
	var address string
	require.NoError(t, ownNetwork(t, spec).Do(func() error {
		var err error
		address, err = front.BlackHole(t, 8443)
		return err
	}))
	return "https://" + address
}

// silentNameServer takes questions and answers none.
func silentNameServer(t *testing.T, _ *cluster.Environment, spec *runc.Spec) string {
	require.NoError(t, ownNetwork(t, spec).Do(func() error {
		conn, err := net.ListenPacket("udp", "127.0.0.1:53")
		if err == nil {
			t.Cleanup(func() { _ = conn.Close() })
		}
		return err
	}))
	resolv := filepath.Join(t.TempDir(), "resolv.conf")
	require.NoError(t, os.WriteFile(resolv, []byte("nameserver 127.0.0.1\n"), 0o644))
	spec.Mounts = append(spec.Mounts, specs.Mount{Destination: "/etc/resolv.conf", Type: "bind", Source: resolv, Options: []string{"bind", "ro"}})
	return "https://cluster.invalid"
}

// ownNetwork gives a container one of its own.
func ownNetwork(t *testing.T, spec *runc.Spec) *runc.Network {
	n, err := runc.NewNetwork()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, n.Close()) })
	spec.Options = append(spec.Options, n.Option())
	return n
}

func unknownAuthority(t *testing.T, _ *cluster.Environment, _ *runc.Spec) string {
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv.URL
}

// startFault makes one start fail, and returns what is to be set for it beside
// the environment's own API details.
type startFault func(t *testing.T, env *cluster.Environment, spec *runc.Spec) (address string)

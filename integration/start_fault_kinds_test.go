package integration

import (
	"bytes"
	"errors"
	"fmt"
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
	"golang.org/x/sys/unix"

	"github.com/org/dt-frontend/integration/cluster"
	"github.com/org/dt-frontend/integration/runc"
)

// limited is a limit that no start waits for.
func limited(_ *testing.T, env *cluster.Environment, _ *runcSpec) string {
	env.SetFault(cluster.Fault{Kind: cluster.FaultRateLimit, Reset: time.Hour})
	return ""
}

// answered is the stand-in's own way to fail.
func answered(kind cluster.FaultKind) startFault {
	return func(_ *testing.T, env *cluster.Environment, _ *runcSpec) string {
		env.SetFault(cluster.Fault{Kind: kind})
		return ""
	}
}

// answeredBy is an answer by hand.
func answeredBy(h http.HandlerFunc) startFault {
	return func(t *testing.T, _ *cluster.Environment, _ *runcSpec) string {
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
func refused(t *testing.T, _ *cluster.Environment, spec *runcSpec) string {
	ownNetwork(t, spec)
	return "http://127.0.0.1:8080"
}

// blackHole is a port whose queue of connections is full: what is sent to it
// further is dropped without a word.
func blackHole(t *testing.T, _ *cluster.Environment, spec *runcSpec) string {
	address := &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: 8443}
	// Not with package net, which does not promise to stay on its thread.
	socket := func() (int, error) {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		if err == nil {
			t.Cleanup(func() { _ = unix.Close(fd) })
		}
		return fd, err
	}
	require.NoError(t, ownNetwork(t, spec).Do(func() error {
		listener, err := socket()
		if err != nil {
			return err
		}
		if err := errors.Join(unix.Bind(listener, address), unix.Listen(listener, 0)); err != nil {
			return err
		}
		for {
			fd, err := socket()
			if err != nil {
				return err
			}
			if err := unix.Connect(fd, address); err != nil && !errors.Is(err, unix.EINPROGRESS) {
				return err
			}
			connected := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
			if n, err := unix.Poll(connected, 200); n == 0 || err != nil {
				return err
			}
		}
	}))
	return fmt.Sprintf("https://127.0.0.1:%d", address.Port)
}

// silentNameServer takes questions and answers none.
func silentNameServer(t *testing.T, _ *cluster.Environment, spec *runcSpec) string {
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
func ownNetwork(t *testing.T, spec *runcSpec) *runc.Network {
	n, err := runc.NewNetwork()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, n.Close()) })
	spec.Options = append(spec.Options, n.Option())
	return n
}

func unknownAuthority(t *testing.T, _ *cluster.Environment, _ *runcSpec) string {
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv.URL
}

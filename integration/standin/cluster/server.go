package cluster

import (
	"context"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	standin "github.com/org/dt-frontend/integration/standin/agent"
	"github.com/org/dt-frontend/internal/agent"
)

// Options say how a server behaves. The zero value is useful.
type Options struct {
	// Seed decides whatever is random and no secret: where links are hidden,
	// modes, times, contents. 0 takes a new one.
	Seed int64
	// Library returns the path of a preload library to serve. Without it they
	// are compiled when first needed.
	Library func(agent.Arch, agent.Flavor) (string, error)
	// Logf is given one line per request and, at the start, the seed. It never
	// sees a secret.
	Logf func(format string, args ...any)
}

// Server is a cluster with any number of environments.
type Server struct {
	options Options
	http    *http.Server
	stop    chan struct{} // closed by Close, to end what stalls

	mu           sync.Mutex
	url          string
	dir          string
	environments []*Environment
	requests     []Request
}

// New returns a server without environments that does not listen yet.
func New(o Options) *Server {
	if o.Seed == 0 {
		o.Seed = rand.Int64()
	}
	if o.Library == nil {
		o.Library = buildLibrary
	}
	if o.Logf == nil {
		o.Logf = func(string, ...any) {}
	}
	s := &Server{options: o, stop: make(chan struct{})}
	s.http = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(logWriter(o.Logf), "", 0),
	}
	return s
}

// Start listens on a TCP address, by default on a free port of the loopback
// interface, and serves until Close.
func (s *Server) Start(addr string) error {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return fmt.Errorf("listening for the stand-in cluster: %w", err)
	}
	// What listens everywhere is still reached from here by loopback.
	tcp := l.Addr().(*net.TCPAddr)
	host := tcp.IP.String()
	if tcp.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	s.mu.Lock()
	s.url = "http://" + net.JoinHostPort(host, fmt.Sprint(tcp.Port))
	s.mu.Unlock()
	s.options.Logf("stand-in cluster at %s, seed %d", s.URL(), s.Seed())
	go func() {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.options.Logf("stand-in cluster: %v", err)
		}
	}()
	return nil
}

// Close ends the server, cuts what is under way, and removes its files.
func (s *Server) Close() error {
	s.mu.Lock()
	select {
	case <-s.stop:
	default:
		close(s.stop)
	}
	dir := s.dir
	s.dir = ""
	s.mu.Unlock()
	if err := s.http.Close(); err != nil {
		return fmt.Errorf("closing the stand-in cluster: %w", err)
	}
	if dir != "" {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("removing the stand-in cluster's files: %w", err)
		}
	}
	return nil
}

// URL is the server's address without a path. It is empty before Start.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.url
}

// Seed repeats this server's random choices when given to another's Options.
func (s *Server) Seed() int64 { return s.options.Seed }

// workDir is where installers are kept until Close.
func (s *Server) workDir() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.stop:
		return "", errors.New("the stand-in cluster is closed")
	default:
	}
	if s.dir == "" {
		dir, err := os.MkdirTemp("", "dt-cluster-")
		if err != nil {
			return "", fmt.Errorf("making the stand-in cluster's folder: %w", err)
		}
		s.dir = dir
	}
	return s.dir, nil
}

// buildLibrary compiles the library, which is one for all C libraries. The flavor
// musl is only asked for where a library has to need that.
func buildLibrary(arch agent.Arch, flavor agent.Flavor) (string, error) {
	if flavor == agent.FlavorMusl {
		return standin.BuildForMusl("", arch)
	}
	return standin.Build("", arch)
}

type logWriter func(string, ...any)

func (f logWriter) Write(p []byte) (int, error) {
	f("%s", p)
	return len(p), nil
}

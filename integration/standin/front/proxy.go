package front

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// Proxy is an HTTP proxy that leads to servers by names that no name server
// knows.
type Proxy struct {
	// User has to be given.
	User *url.Userinfo

	server *httptest.Server
	mu     sync.Mutex
	routes map[string]string
	used   atomic.Int64
	refuse atomic.Bool
}

// NewProxy starts a proxy with routes, from host:port to address. It ends with
// the test.
func NewProxy(t testing.TB, user *url.Userinfo, routes map[string]string) *Proxy {
	t.Helper()
	p := &Proxy{User: user, routes: map[string]string{}}
	for host, address := range routes {
		p.Route(host, address)
	}
	p.server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(func() {
		p.server.CloseClientConnections()
		p.server.Close()
	})
	return p
}

// URL is what users give as DT_PROXY.
func (p *Proxy) URL() string {
	u := url.URL{Scheme: "http", User: p.User, Host: p.Host()}
	return u.String()
}

// Host is its host and port.
func (p *Proxy) Host() string { return p.server.Listener.Addr().String() }

// Used is how many connections it has made.
func (p *Proxy) Used() int { return int(p.used.Load()) }

// Refuse makes it answer, from now on, with 403 and its own URL and password.
func (p *Proxy) Refuse() { p.refuse.Store(true) }

// Route changes where a host:port leads to.
func (p *Proxy) Route(host, address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.routes[host] = address
}

func (p *Proxy) serve(w http.ResponseWriter, r *http.Request) {
	if p.refuse.Load() {
		w.Header().Set("Proxy-Status", p.URL())
		w.Header().Set("Content-Type", "text/plain; of="+p.URL())
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintln(w, "not through "+p.URL())
		return
	}
	asked := &http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}
	user, password, _ := asked.BasicAuth()
	if want, _ := p.User.Password(); user != p.User.Username() || password != want {
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	p.mu.Lock()
	to, ok := p.routes[r.Host]
	p.mu.Unlock()
	if r.Method != http.MethodConnect || !ok {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	p.connect(w, to)
}

// connect joins the client's connection with one to the server.
func (p *Proxy) connect(w http.ResponseWriter, to string) {
	server, err := net.Dial("tcp", to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer server.Close()
	client, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer client.Close()
	if _, err := io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n"); err != nil {
		return
	}
	p.used.Add(1)
	ended := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
		go func() {
			_, _ = io.Copy(way[0], way[1]) // a connection that ends is no news
			ended <- struct{}{}
		}()
	}
	<-ended
}

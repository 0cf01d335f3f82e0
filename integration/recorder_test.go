package integration

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// watchedRegistry is the registry as see sees it, which may change requests; it
// returns an address for names of images.
func watchedRegistry(t testing.TB, see func(*http.Request)) string {
	t.Helper()
	to, err := url.Parse("http://" + registry(t))
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host // of the addresses in its answers
	}}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		see(r)
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	return strings.TrimPrefix(srv.URL, "http://")
}

// recorder is the registry, and keeps what is sent to it.
type recorder struct {
	// address is the registry's in names of images.
	address string
	mu      sync.Mutex
	sent    map[string]*bytes.Buffer // by method and URL
}

func newRecorder(t testing.TB) *recorder {
	t.Helper()
	c := &recorder{sent: map[string]*bytes.Buffer{}}
	c.address = watchedRegistry(t, func(r *http.Request) {
		if r.Body != nil {
			r.Body = &recorded{r.Body, c, r.Method + " " + r.URL.String()}
		}
	})
	return c
}

// haystack returns all that was sent: blobs, manifests and their addresses.
func (c *recorder) haystack() haystack {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := haystack{}
	for name, body := range c.sent {
		h[name+"!address"] = []byte(name)
		h.add(name, body.Bytes())
	}
	return h
}

// recorded is a body on its way.
type recorded struct {
	io.ReadCloser
	recorder *recorder
	name     string
}

func (b *recorded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.recorder.mu.Lock()
	defer b.recorder.mu.Unlock()
	if b.recorder.sent[b.name] == nil {
		b.recorder.sent[b.name] = &bytes.Buffer{}
	}
	b.recorder.sent[b.name].Write(p[:n])
	return n, err
}

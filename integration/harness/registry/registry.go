// Package registry stands in front of the tests' registry, and sees or keeps what
// is sent to it.
package registry

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

	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/stretchr/testify/require"
)

// Watch starts a proxy in front of the registry, which ends with the test, and
// returns its address for names of images. It calls see with each request, which
// see may change.
func Watch(t testing.TB, see func(*http.Request)) string {
	t.Helper()
	to, err := url.Parse("http://" + testenv.Registry(t))
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

// Recorder is the registry, and keeps what is sent to it.
type Recorder struct {
	// Address is the registry's in names of images.
	Address string

	mu   sync.Mutex
	sent map[string]*bytes.Buffer // by method and URL
}

// NewRecorder starts a recorder, which ends with the test.
func NewRecorder(t testing.TB) *Recorder {
	t.Helper()
	c := &Recorder{sent: map[string]*bytes.Buffer{}}
	c.Address = Watch(t, func(r *http.Request) {
		if r.Body != nil {
			r.Body = &recorded{r.Body, c, r.Method + " " + r.URL.String()}
		}
	})
	return c
}

// Haystack returns all that was sent: blobs, manifests and their addresses.
func (c *Recorder) Haystack() search.Haystack {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := search.Haystack{}
	for name, body := range c.sent {
		h[name+"!address"] = []byte(name)
		h.Add(name, body.Bytes())
	}
	return h
}

// recorded is a body on its way.
type recorded struct {
	io.ReadCloser
	recorder *Recorder
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

package download

import (
	"bytes"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/stretchr/testify/require"
)

// flaky is a server whose answers break off, as net/http serves files.
type flaky struct {
	body   []byte
	pieces int // bytes that come before an answer breaks off
	times  int // how many answers do; -1 is all
	// change alters a request and an answer before they are handled. n counts
	// from 1.
	change func(n int, w http.ResponseWriter, r *http.Request)
	stall  bool // instead of closing the connection

	mu    sync.Mutex
	asked []string // the ranges
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.asked = append(f.asked, r.Header.Get("Range"))
	n := len(f.asked)
	f.mu.Unlock()
	w.Header().Set("ETag", `"tag"`)
	if f.change != nil {
		f.change(n, w, r)
	}
	if f.times >= 0 && n > f.times {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.body))
		return
	}
	http.ServeContent(&breaking{ResponseWriter: w, left: f.pieces}, r, "", time.Time{}, bytes.NewReader(f.body))
	if f.stall {
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	panic(http.ErrAbortHandler)
}

// breaking takes so many bytes.
type breaking struct {
	http.ResponseWriter
	left int
}

func (b *breaking) Write(p []byte) (int, error) {
	n, err := b.ResponseWriter.Write(p[:min(len(p), b.left)])
	b.left -= n
	if err == nil && n < len(p) {
		b.ResponseWriter.(http.Flusher).Flush()
		return n, io.ErrShortWrite
	}
	return n, err
}

// downloaded is what came of a download.
type downloaded struct {
	kept  string
	begun int
	lines []string
	last  int64 // what was told of progress
	err   error
}

func (f *flaky) download(t *testing.T) downloaded {
	t.Helper()
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	c := newClient(t, srv.URL, deploy.Options{Timeout: 30 * time.Second})
	var (
		b   buffer
		out downloaded
	)
	limit := usual
	if f.stall {
		limit.stall = time.Second
	}
	tr := &transfer{
		client: c, request: Request{Kind: Script, Spec: agent.Spec{Arch: agent.ArchX86, Flavor: agent.FlavorDefault}, Version: "1.2.3"},
		limits: limit, delay: time.Millisecond,
		begin: func() (io.WriteCloser, error) {
			b.Reset()
			out.begun++
			out.last = 0
			return &b, nil
		},
		observer: Observer{
			Progress: func(done, _ int64) {
				require.GreaterOrEqual(t, done, out.last)
				out.last = done
			},
			Warn: func(line string) { out.lines = append(out.lines, line) },
		},
	}
	out.err = tr.run(t.Context())
	out.kept = b.String()
	return out
}

// script is an installer of so many bytes.
func script(n int) []byte {
	s := []byte("#!/bin/sh\n" + strings.Repeat("x", n-10))
	copy(s[n/2:], rand.Text())
	return s
}

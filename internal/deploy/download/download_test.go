package download

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// How a download is retried and refused is tested where it is used, in the
// package supply.

// newClient returns a client for the cluster at address.
func newClient(t *testing.T, address string, o deploy.Options) *deploy.Client {
	t.Helper()
	credentials, err := deploy.NewCredentials(deploy.RawCredentials{URL: address, Tenant: "abc12345", Token: "token"})
	require.NoError(t, err)
	c, err := deploy.New(credentials, o)
	require.NoError(t, err)
	return c
}

func get(t *testing.T, kind Kind, body string, begin Begin, progress func(done, total int64)) (int64, error) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "/e/abc12345/api/v1/deployment/installer/agent/unix/"+string(kind)+"/version/1.2.3", r.URL.Path)
		assert.Equal(t, []string{"all"}, r.URL.Query()["include"])
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(srv.Close)
	c := newClient(t, srv.URL, deploy.Options{Timeout: 5 * time.Second})
	return Installer(t.Context(), c, Request{Kind: kind, Spec: agent.Spec{Arch: agent.ArchX86, Flavor: agent.FlavorDefault}, Version: "1.2.3"}, begin, Observer{Progress: progress})
}

type buffer struct{ bytes.Buffer }

func (*buffer) Close() error { return nil }

func TestForms(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		kind       Kind
		body, want string
	}{
		{Script, "#!/bin/sh\n", ""},
		{Archive, "PK\x03\x04 and more", ""},
		{Archive, "#!/bin/sh\n", "something that is no zip archive"},
		{Script, "PK\x03\x04 and more", "something that is no shell script"},
		{Archive, "<html>", "a web page"},
		{Archive, "P", "something that is no zip archive"},
	} {
		var b buffer
		var done int64
		n, err := get(t, tc.kind, tc.body, func() (io.WriteCloser, error) { b.Reset(); return &b, nil }, func(d, _ int64) { done = d })
		if tc.want != "" {
			require.ErrorContains(t, err, tc.want)
			require.Zero(t, b.Len(), "nothing of it is kept")
			continue
		}
		require.NoError(t, err)
		require.Equal(t, tc.body, b.String())
		require.EqualValues(t, len(tc.body), n)
		require.Equal(t, n, done)
	}
}

// TestTheDiskIsNotTheConnection: what cannot be written is not asked for again.
func TestTheDiskIsNotTheConnection(t *testing.T) {
	t.Parallel()
	begun := 0
	_, err := get(t, Script, "#!/bin/sh\n"+strings.Repeat("x", 1<<20), func() (io.WriteCloser, error) {
		begun++
		return os.OpenFile("/dev/full", os.O_WRONLY, 0)
	}, nil)
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.Equal(t, 1, begun)
	_, err = get(t, Script, "#!", func() (io.WriteCloser, error) { return os.Create(filepath.Join(t.TempDir(), "none", "x")) }, nil)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	require.Equal(t, "downloaded 50% of 300 MB", Describe(150e6, 300e6))
	require.Equal(t, "downloaded 150 MB", Describe(150e6, -1))
}

func TestContentType(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"text/html; charset=utf-8; of=secret": "text/html", "": "unknown", "secret": "unknown", "secret/x": "unknown", "text/\x00": "unknown",
		"application/json": "application/json", "audio/x": "audio/x", "font/x": "font/x", "image/x": "image/x", "message/http": "message/http",
		"multipart/mixed; boundary=secret": "multipart/mixed", "text/plain": "text/plain", "video/x": "video/x", "model/x": "unknown", "text": "text",
	} {
		require.Equal(t, want, contentType(http.Header{"Content-Type": {value}}), value)
	}
}

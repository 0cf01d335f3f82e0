package download

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/stretchr/testify/require"
)

// failing ends with an error.
type failing struct{ err error }

// Read fails.
func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestTransfer_SaysHowABodyBroke, in its first bytes and later.
func TestTransfer_SaysHowABodyBroke(t *testing.T) {
	t.Parallel()
	const after = " (3 tries); try again later, or look for what stands in between (a proxy, a firewall)"
	for _, tt := range []struct {
		body string
		err  error
		want string
	}{
		{"#!01", gzip.ErrChecksum, "after 4 of 9 bytes: a proxy in between packs it (gzip), and damages it"},
		{"#!01", io.ErrUnexpectedEOF, "after 4 of 9 bytes: the cluster closed the connection"},
		{"", gzip.ErrHeader, "after 0 of 9 bytes: a proxy in between packs it (gzip), and damages it"},
		{"", errors.New("odd"), "after 0 of 9 bytes: the cluster closed the connection"},
		{"", io.EOF, "after 0 of 9 bytes: the body is empty"},
	} {
		c := &canned{t: t, answer: func(int, http.Header) (*http.Response, error) {
			res := whole("", 9, "ETag", "")
			res.Body = io.NopCloser(io.MultiReader(strings.NewReader(tt.body), failing{tt.err}))
			return res, nil
		}}
		_, lines, err := c.run(Request{Kind: Script, Version: "1"}, nil)
		require.EqualError(t, err, "the download of the installer broke off "+tt.want+after)
		var broken *brokenError
		require.ErrorAs(t, err, &broken)
		require.Equal(t, "the download of the installer broke off "+tt.want+": it is begun again", lines[0])
	}
}

// TestTransfer_EndsAtTheLargestInstaller, whatever the cluster says of its size.
func TestTransfer_EndsAtTheLargestInstaller(t *testing.T) {
	t.Parallel()
	const most = 4 << 30
	for rest, want := range map[string]string{
		"89":           "",
		"890":          "the cluster's installer has more than 4294967296 bytes; no installer of OneAgent is that large",
		"890123456789": "the cluster's installer has more than 4294967296 bytes; no installer of OneAgent is that large",
	} {
		var file closeable
		tr := &transfer{
			client: &canned{t: t, answer: func(int, http.Header) (*http.Response, error) {
				res := part(rest, "bytes 4294967294-4294967295/4294967296")
				res.ContentLength = -1
				return res, nil
			}},
			request: Request{Kind: Script}, limits: usual, file: &file, got: most - 2, validator: `"a"`, begun: 1,
		}
		err := tr.run(t.Context())
		require.LessOrEqual(t, file.Len(), 3)
		if want != "" {
			require.EqualError(t, err, want)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, rest, file.String())
	}
}

// TestTransfer_BeginsAgainWhereAPartEndsEarly without an error.
func TestTransfer_BeginsAgainWhereAPartEndsEarly(t *testing.T) {
	t.Parallel()
	c := &canned{t: t, answer: func(n int, _ http.Header) (*http.Response, error) {
		if n == 2 {
			res := part("345", "bytes 5-8/9")
			res.ContentLength = -1
			return res, nil
		}
		if n == 1 {
			return whole("#!012", 9), nil
		}
		return whole("#!0123456", 9), nil
	}}
	kept, lines, err := c.run(Request{Kind: Script}, nil)
	require.NoError(t, err)
	require.Equal(t, "#!0123456", kept)
	require.Equal(t, "the download of the installer broke off after 8 of 9 bytes: the cluster sent another part than was asked for: it is begun again", lines[1])
}

// TestTransfer_EndsWhereTheFileCannotBeMadeAgain.
func TestTransfer_EndsWhereTheFileCannotBeMadeAgain(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	begun := 0
	c := &canned{t: t, answer: func(n int, _ http.Header) (*http.Response, error) {
		if n == 1 {
			return whole("#!012", 9), nil
		}
		return whole("#!0123456", 9), nil // instead of a part
	}}
	tr := &transfer{client: c, request: Request{Kind: Script}, limits: usual, begin: func() (io.WriteCloser, error) {
		if begun++; begun > 1 {
			return nil, full
		}
		return &closeable{}, nil
	}}
	require.EqualError(t, tr.run(t.Context()), "writing the installer: the disk is full")
	require.Equal(t, 2, begun)
	require.Zero(t, c.open)
}

// TestTransfer_EndsInAPause when its caller does.
func TestTransfer_EndsInAPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		c := &canned{t: t, answer: func(int, http.Header) (*http.Response, error) { return whole("#!0189", 10), nil }}
		began := time.Now()
		tr := &transfer{client: c, request: Request{Kind: Script}, limits: usual, delay: time.Hour, begin: func() (io.WriteCloser, error) { return &closeable{}, nil }}
		require.EqualError(t, tr.run(ctx), "the download of the installer was ended after 6 bytes: context canceled")
		require.Equal(t, 100*time.Millisecond, time.Since(began))
		require.Len(t, c.asked, 1)
	})
}

// TestChecksum_AsksForTheArchiveItself, and not for how it is sent.
func TestChecksum_AsksForTheArchiveItself(t *testing.T) {
	t.Parallel()
	sum := strings.Repeat("0189", 16)
	var seen string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = r.URL.String()
		_, _ = io.WriteString(w, `{"sha256":"`+sum+`"}`)
	}))
	t.Cleanup(srv.Close)
	creds, err := deploy.NewCredentials(deploy.RawCredentials{URL: srv.URL, Tenant: "abc12345", Token: "token"})
	require.NoError(t, err)
	c, err := deploy.New(creds, deploy.Options{})
	require.NoError(t, err)
	got, err := Checksum(t.Context(), c, Request{Kind: Archive, Spec: agent.Spec{Arch: agent.ArchX86, Flavor: agent.FlavorDefault}, Version: "1.2"})
	require.NoError(t, err)
	require.Equal(t, sum, got)
	require.Equal(t, "/e/abc12345/api/v1/deployment/installer/agent/unix/paas/version/1.2/checksum?arch=x86&bitness=64&flavor=default&include=all", seen)
}

// TestTransfer_RefusesAPartThatNobodyAskedFor, be it all of a file.
func TestTransfer_RefusesAPartThatNobodyAskedFor(t *testing.T) {
	t.Parallel()
	c := &canned{t: t, answer: func(int, http.Header) (*http.Response, error) { return part("#!0189", "bytes 0-5/6"), nil }}
	kept, _, err := c.run(Request{Kind: Script}, nil)
	require.ErrorContains(t, err, "the cluster sent another part than was asked for (3 tries)")
	require.Empty(t, kept)
	require.Len(t, c.asked, 3)
}

package download

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/stretchr/testify/require"
)

// What is there already is not asked for again.
func TestADownloadIsResumed(t *testing.T) {
	t.Parallel()
	f := &flaky{body: script(5 * enough), pieces: 2 * enough, times: 2}
	d := f.download(t)
	require.NoError(t, d.err)
	require.Equal(t, string(f.body), d.kept)
	require.Equal(t, 1, d.begun)
	require.Equal(t, []string{"", "bytes=2097152-", "bytes=4194304-"}, f.asked)
	require.EqualValues(t, len(f.body), d.last)
	require.Equal(t, []string{
		"the download of the installer broke off after 2097152 of 5242880 bytes: the cluster closed the connection: it is resumed",
		"the download of the installer broke off after 4194304 of 5242880 bytes: the cluster closed the connection: it is resumed",
	}, d.lines)
}

// A line that breaks often, but brings something each time, will do.
func TestADownloadOverAFlakyLine(t *testing.T) {
	t.Parallel()
	f := &flaky{body: script(60 * enough), pieces: enough, times: -1}
	d := f.download(t)
	require.NoError(t, d.err)
	require.Equal(t, string(f.body), d.kept)
	require.Len(t, f.asked, 60)
}

// Whatever a server does, there is an end to it.
func TestADownloadThatNeverEnds(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		flaky *flaky
		tries int
		want  string
	}{
		"a little each time": {&flaky{pieces: 4096}, maxFruitless, "broke off after 12288 of 5242880 bytes: the cluster closed the connection (3 tries); try again later"},
		"enough each time":   {&flaky{pieces: enough, body: script(200 * enough)}, maxTries, "(100 tries)"},
		"always silent":      {&flaky{pieces: enough, stall: true}, maxStalls, "broke off after 3145728 of 5242880 bytes: nothing came for 1s (3 tries)"},
		"no parts": {&flaky{pieces: 4 * enough, change: func(_ int, _ http.ResponseWriter, r *http.Request) {
			r.Header.Del("Range")
		}}, 1 + maxFruitless, "broke off after 4194304 of 5242880 bytes"},
		"never a byte": {&flaky{}, maxFruitless, "broke off after 0 of 5242880 bytes: the cluster closed the connection (3 tries)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := tc.flaky
			f.times = -1
			if f.body == nil {
				f.body = script(5 * enough)
			}
			d := f.download(t)
			require.ErrorContains(t, d.err, tc.want)
			require.Len(t, f.asked, tc.tries)
		})
	}
}

// What cannot be resumed, or is not what was asked for, is begun again. In each
// case the first answer breaks off.
func TestADownloadIsBegunAgain(t *testing.T) {
	t.Parallel()
	answer := func(f func(w http.ResponseWriter, r *http.Request)) func(int, http.ResponseWriter, *http.Request) {
		return func(n int, w http.ResponseWriter, r *http.Request) {
			if n == 2 {
				f(w, r)
			}
		}
	}
	other := script(5 * enough)
	for name, tc := range map[string]struct {
		change func(int, http.ResponseWriter, *http.Request)
		asked  int
		whole  int // times that it came instead of a part
	}{
		"no tag":    {func(_ int, w http.ResponseWriter, _ *http.Request) { w.Header().Del("ETag") }, 2, 0},
		"weak tag":  {func(_ int, w http.ResponseWriter, _ *http.Request) { w.Header().Set("ETag", `W/"tag"`) }, 2, 0},
		"other tag": {answer(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("ETag", `"other"`) }), 2, 1},
		"the whole": {answer(func(_ http.ResponseWriter, r *http.Request) { r.Header.Del("Range") }), 2, 1},
		"416": {answer(func(_ http.ResponseWriter, r *http.Request) {
			r.Header.Set("Range", "bytes=9999999-")
			r.Header.Del("If-Range")
		}), 3, 0},
		"the part before": {answer(func(_ http.ResponseWriter, r *http.Request) {
			r.Header.Set("Range", "bytes=2097151-")
		}), 3, 0},
		"not to the end": {answer(func(_ http.ResponseWriter, r *http.Request) {
			r.Header.Set("Range", "bytes=2097152-2097153")
		}), 3, 0},
		"several parts": {answer(func(_ http.ResponseWriter, r *http.Request) {
			r.Header.Set("Range", "bytes=2097152-2097153,2097160-")
		}), 3, 0},
		"another total": {answer(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", "bytes 2097152-5242880/5242881")
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(other[2*enough:])
			panic(http.ErrAbortHandler)
		}), 3, 0},
		"a part of a later one": {func(n int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Del("ETag")
			w.Header().Set("Accept-Ranges", "bytes")
			w.Header().Set("Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT")
			if n != 2 {
				return
			}
			w.Header().Set("Last-Modified", "Wed, 21 Oct 2015 07:29:00 GMT")
			w.Header().Set("Content-Range", "bytes 2097152-5242879/5242880")
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(other[2*enough:])
			panic(http.ErrAbortHandler)
		}, 3, 0},
		"a part of another": {answer(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", `"other"`)
			w.Header().Set("Content-Range", "bytes 2097152-5242879/5242880")
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(other[2*enough:])
			panic(http.ErrAbortHandler)
		}), 3, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &flaky{body: script(5 * enough), pieces: 2 * enough, times: 1, change: tc.change}
			d := f.download(t)
			require.NoError(t, d.err, "%q", f.asked)
			require.True(t, string(f.body) == d.kept, "the bytes of one installer") //nolint:testifylint // they are many
			require.Equal(t, 2, d.begun)
			require.Len(t, f.asked, tc.asked)
			require.Len(t, d.lines, tc.asked-1+tc.whole)
		})
	}
}

// A part that nobody asked for is no installer.
func TestAPartAtOnce(t *testing.T) {
	t.Parallel()
	f := &flaky{body: script(enough), change: func(_ int, _ http.ResponseWriter, r *http.Request) { r.Header.Set("Range", "bytes=0-9") }}
	d := f.download(t)
	require.ErrorContains(t, d.err, "the cluster sent another part than was asked for")
	require.Len(t, f.asked, maxBegun)
	require.Empty(t, d.kept)
}

// A stall in which a new connection helps.
func TestAStallIsResumed(t *testing.T) {
	t.Parallel()
	f := &flaky{body: script(enough), pieces: 1000, times: 2, stall: true}
	d := f.download(t)
	require.NoError(t, d.err)
	require.Equal(t, string(f.body), d.kept)
	require.Equal(t, []string{"", "bytes=1000-", "bytes=2000-"}, f.asked)
}

// What is shorter than the form's own mark broke off, and is no web page.
func TestABreakInTheFirstBytes(t *testing.T) {
	t.Parallel()
	f := &flaky{body: script(100), pieces: 1, times: 1}
	d := f.download(t)
	require.NoError(t, d.err)
	require.Equal(t, string(f.body), d.kept)
}

// A zone that a cluster does not know costs one more request. Another mistake is
// not hidden by that.
func TestAnUnknownZone(t *testing.T) {
	t.Parallel()
	for also, want := range map[string]string{"": "", "include": "(400): include"} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for _, bad := range []string{"networkZone", also} {
				if r.URL.Query().Has(bad) {
					w.WriteHeader(http.StatusBadRequest)
					fmt.Fprintf(w, `{"error":{"message":%q}}`, bad)
					return
				}
			}
			_, _ = w.Write(script(100))
		}))
		t.Cleanup(srv.Close)
		c := newClient(t, srv.URL, deploy.Options{})
		var (
			b     buffer
			lines []string
		)
		_, err := Installer(t.Context(), c, Request{Kind: Script, Spec: agent.Spec{NetworkZone: "none"}, Version: "1"},
			func() (io.WriteCloser, error) { return &b, nil }, Observer{Warn: func(line string) { lines = append(lines, line) }})
		if want != "" {
			require.ErrorContains(t, err, want)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, 100, b.Len())
		require.Len(t, lines, 1)
	}
}

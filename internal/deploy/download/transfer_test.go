package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/stretchr/testify/require"
)

// canned is a cluster without a network. It says what becomes of the n-th
// request, from 1 on.
type canned struct {
	t      *testing.T
	answer func(n int, header http.Header) (*http.Response, error)
	asked  []string // paths and queries
	open   int      // bodies that nobody has closed
}

// Get answers.
func (c *canned) Get(_ context.Context, path string, query url.Values, header http.Header) (*http.Response, error) {
	require.Equal(c.t, "application/octet-stream", header.Get("Accept"))
	c.asked = append(c.asked, path+"?"+query.Encode())
	res, err := c.answer(len(c.asked), header)
	if err == nil {
		c.open++
		res.Body = &closing{res.Body, c}
	}
	return res, err
}

type closing struct {
	io.ReadCloser
	of *canned
}

// Close counts.
func (c *closing) Close() error { c.of.open--; return c.ReadCloser.Close() }

// whole is an answer with a body that ends, or breaks off where its length is
// larger.
func whole(body string, length int64, header ...string) *http.Response {
	var r io.Reader = strings.NewReader(body)
	if length > int64(len(body)) {
		r = io.MultiReader(r, broken{})
	}
	res := &http.Response{StatusCode: http.StatusOK, ContentLength: length, Body: io.NopCloser(r), Header: http.Header{"Accept-Ranges": {"bytes"}, "Etag": {`"a"`}}}
	for i := 0; i < len(header); i += 2 {
		res.Header.Set(header[i], header[i+1])
	}
	return res
}

// part is a whole that says to be a part.
func part(body, contentRange string, header ...string) *http.Response {
	res := whole(body, int64(len(body)), append([]string{"Content-Range", contentRange}, header...)...)
	res.StatusCode = http.StatusPartialContent
	return res
}

type broken struct{}

// Read fails.
func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// run downloads a shell script, and returns what was kept and said.
func (c *canned) run(r Request, closed error) (kept string, lines []string, err error) {
	var b *closeable
	t := &transfer{
		client: c, request: r, limits: usual, delay: time.Millisecond,
		begin:    func() (io.WriteCloser, error) { b = &closeable{err: closed}; return b, nil },
		observer: Observer{Warn: func(line string) { lines = append(lines, line) }},
	}
	err = t.run(c.t.Context())
	require.Zero(c.t, c.open, "bodies that nobody closed")
	if b != nil {
		kept = b.String()
	}
	return kept, lines, err
}

type closeable struct {
	strings.Builder
	err error
}

// Close fails where it is told to.
func (c *closeable) Close() error { return c.err }

// TestTransfer_TakesOnlyThePartThatIsMissing: all else is begun again, and each
// of these is something else.
func TestTransfer_TakesOnlyThePartThatIsMissing(t *testing.T) {
	t.Parallel()
	const file = "#!0123456789"
	wrong := part(file[5:], "bytes 5-11/12")
	wrong.ContentLength = 6
	unpacked := part(file[5:], "bytes 5-11/12")
	unpacked.Uncompressed = true
	unknown := part(file[5:], "bytes 5-11/12")
	unknown.ContentLength = -1
	for name, tt := range map[string]struct {
		second  *http.Response
		resumed bool
	}{
		"the part":             {part(file[5:], "bytes 5-11/12"), true},
		"of unknown length":    {unknown, true},
		"without a tag":        {part(file[5:], "bytes 5-11/12", "ETag", ""), true},
		"of another time":      {part(file[5:], "bytes 5-11/12", "Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT"), true},
		"one earlier":          {part(file[4:], "bytes 4-11/12"), false},
		"one later":            {part(file[6:], "bytes 6-11/12"), false},
		"one less at the end":  {part(file[5:11], "bytes 5-10/12"), false},
		"of a larger file":     {part(file[5:]+"x", "bytes 5-12/13"), false},
		"of a smaller file":    {part(file[5:11], "bytes 5-10/11"), false},
		"with another length":  {wrong, false},
		"unpacked by a proxy":  {unpacked, false},
		"of another tag":       {part(file[5:], "bytes 5-11/12", "ETag", `"b"`), false},
		"without a range":      {part(file[5:], ""), false},
		"of no total":          {part(file[5:], "bytes 5-11/*"), false},
		"too short after that": {part(file[5:11], "bytes 5-11/12"), false},
	} {
		c := &canned{t: t, answer: func(n int, header http.Header) (*http.Response, error) {
			switch n {
			case 1:
				require.Empty(t, header["Range"])
				require.Empty(t, header["If-Range"])
				return whole(file[:5], 12), nil
			case 2:
				require.Equal(t, []string{"bytes=5-", `"a"`}, []string{header.Get("Range"), header.Get("If-Range")})
				return tt.second, nil
			}
			require.Empty(t, header["Range"])
			return whole(file, 12), nil
		}}
		kept, lines, err := c.run(Request{Kind: Script, Version: "1"}, nil)
		require.NoError(t, err, name)
		require.Equal(t, file, kept, name)
		asked := 3
		if tt.resumed {
			asked = 2
		}
		require.Len(t, c.asked, asked, name)
		require.Len(t, lines, asked-1, name)
	}
}

// TestTransfer_RefusesWhatIsTooLarge before it is written.
func TestTransfer_RefusesWhatIsTooLarge(t *testing.T) {
	t.Parallel()
	for size, want := range map[int64]string{
		4<<30 + 1: "the cluster's installer has 4294967297 bytes; no installer of OneAgent is that large",
		4 << 30:   "the download of the installer broke off after 6 of 4294967296 bytes: the cluster closed the connection (3 tries); try again later, or look for what stands in between (a proxy, a firewall)",
	} {
		c := &canned{t: t, answer: func(int, http.Header) (*http.Response, error) { return whole("#!0189", size, "ETag", ""), nil }}
		_, _, err := c.run(Request{Kind: Script, Version: "1"}, nil)
		require.EqualError(t, err, want)
	}
	c := &canned{t: t, answer: func(n int, _ http.Header) (*http.Response, error) {
		if n == 2 {
			return part("x", "bytes 6-4294967296/4294967297", "Content-Length", "1"), nil
		}
		return whole("#!0189", 10), nil
	}}
	_, lines, err := c.run(Request{Kind: Script, Version: "1"}, nil)
	require.Error(t, err)
	require.Contains(t, lines[1], "sent another part than was asked for")
}

// TestTransfer_AsksForWhatARequestSays, once where that is whole.
func TestTransfer_AsksForWhatARequestSays(t *testing.T) {
	t.Parallel()
	spec := agent.Spec{Arch: agent.ArchARM, Flavor: agent.FlavorMusl, NetworkZone: "zone 1"}
	c := &canned{t: t, answer: func(int, http.Header) (*http.Response, error) { return whole("#!0189", -1), nil }}
	kept, lines, err := c.run(Request{Kind: Script, Spec: spec, Version: "1/2"}, nil)
	require.NoError(t, err)
	require.Equal(t, "#!0189", kept)
	require.Empty(t, lines)
	require.Equal(t, []string{"/unix/paas-sh/version/1%2F2?arch=arm&bitness=64&flavor=musl&include=all&networkZone=zone+1&skipMetadata=true"}, c.asked)
	require.Equal(t, "downloading OneAgent 1/2 (musl, arm, all)", Request{Kind: Script, Spec: spec, Version: "1/2"}.String())
}

// TestTransfer_EndsWithErrorsThatAreNotTheConnections.
func TestTransfer_EndsWithErrorsThatAreNotTheConnections(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	good := func(int, http.Header) (*http.Response, error) { return whole("#!0189", 6), nil }
	c := &canned{t: t, answer: good}
	_, _, err := c.run(Request{Kind: Script, Version: "1"}, full)
	require.ErrorIs(t, err, full, "the last bytes are written when a file is closed")
	require.EqualError(t, err, "writing the installer: the disk is full")
	require.Len(t, c.asked, 1)

	tr := &transfer{client: c, limits: usual, begin: func() (io.WriteCloser, error) { return nil, full }}
	require.EqualError(t, tr.run(t.Context()), "writing the installer: the disk is full")
	require.Len(t, c.asked, 1)

	const doing = "downloading OneAgent 1 (, , all): "
	for code, want := range map[int]string{
		404: doing + "the cluster does not know what was asked for (404); check DT_API_URL and DT_TENANT, and whether the environment has this version",
		400: doing + "the cluster rejected the request (400)",
		416: doing + "the cluster rejected the request (416)",
	} {
		c := &canned{t: t, answer: func(int, http.Header) (*http.Response, error) { return nil, &deploy.StatusError{Code: code} }}
		_, _, err := c.run(Request{Kind: Script, Version: "1"}, nil)
		require.EqualError(t, err, want)
		require.Len(t, c.asked, 1)
	}
}

// TestInstaller_PausesLongerEachTime that a try brings nothing.
func TestInstaller_PausesLongerEachTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var at []time.Duration
		c := &canned{t: t, answer: func(int, http.Header) (*http.Response, error) {
			at = append(at, time.Since(began))
			return whole("#!0189", 10), nil
		}}
		tr := &transfer{client: c, request: Request{Kind: Script}, limits: usual, delay: retryDelay, begin: func() (io.WriteCloser, error) { return &closeable{}, nil }}
		err := tr.run(t.Context())
		require.ErrorContains(t, err, "(3 tries)")
		require.Len(t, at, 3)
		require.GreaterOrEqual(t, at[1], 250*time.Millisecond)
		require.LessOrEqual(t, at[1], 750*time.Millisecond)
		require.GreaterOrEqual(t, at[2]-at[1], 375*time.Millisecond)
		require.LessOrEqual(t, at[2]-at[1], 1500*time.Millisecond)
	})
}

func TestDescribe_OfWhatIsSmallOrUnknown(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		done, total int64
		want        string
	}{
		{0, 0, "downloaded 0 MB"}, {9e6, 0, "downloaded 9 MB"}, {0, 1, "downloaded 0% of 0 MB"}, {1, 1, "downloaded 100% of 0 MB"}, {89e6, 100e6, "downloaded 89% of 100 MB"},
	} {
		require.Equal(t, tt.want, Describe(tt.done, tt.total), fmt.Sprint(tt))
	}
}

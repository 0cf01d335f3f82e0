package download

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// drip is a cluster without a network, so that a clock can be faked for it. It
// sends size bytes, in pieces, one after each pause.
type drip struct {
	size, piece int
	pause       time.Duration
	// slow is how many answers are slow; the others come at once. -1 is all.
	slow  int
	asked []string // the ranges
}

// Get answers as net/http serves a file.
func (d *drip) Get(ctx context.Context, _ string, _ url.Values, header http.Header) (*http.Response, error) {
	d.asked = append(d.asked, header.Get("Range"))
	res := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Etag": {`"tag"`}, "Accept-Ranges": {"bytes"}}, ContentLength: int64(d.size)}
	var from int
	if _, err := fmt.Sscanf(header.Get("Range"), "bytes=%d-", &from); err == nil {
		res.StatusCode, res.ContentLength = http.StatusPartialContent, int64(d.size-from)
		res.Header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, d.size-1, d.size))
	}
	pause := d.pause
	if d.slow >= 0 && len(d.asked) > d.slow {
		pause = 0
	}
	res.Body = io.NopCloser(&dripping{ctx: ctx, at: from, size: d.size, piece: d.piece, pause: pause})
	return res, nil
}

type dripping struct {
	ctx             context.Context
	at, size, piece int
	pause           time.Duration
}

func (d *dripping) Read(p []byte) (int, error) {
	select {
	case <-time.After(d.pause):
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	}
	n := min(len(p), d.piece, d.size-d.at)
	if n == 0 {
		return 0, io.EOF
	}
	clear(p[:n])
	if d.at < 2 {
		copy(p[:n], "#!"[d.at:])
	}
	d.at += n
	return n, nil
}

// run downloads from d, and returns how long that took.
func (d *drip) run(ctx context.Context) (time.Duration, []string, error) {
	var lines []string
	began := time.Now()
	t := &transfer{
		client: d, request: Request{Kind: Script, Version: "1"}, limits: usual, delay: retryDelay,
		begin:    func() (io.WriteCloser, error) { return nothing{io.Discard}, nil },
		observer: Observer{Warn: func(line string) { lines = append(lines, line) }},
	}
	err := t.run(ctx)
	return time.Since(began), lines, err
}

type nothing struct{ io.Writer }

func (nothing) Close() error { return nil }

// A byte now and then is a sign of life, and no download.
func TestATrickleEnds(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]*drip{
		"a byte each 29 s":       {size: 100 << 20, piece: 1, pause: 29 * time.Second, slow: -1},
		"one more than the mark": {size: 100 << 20, piece: 3, pause: 29 * time.Second, slow: -1},
		"just too slow":          {size: 100 << 20, piece: 9_900, pause: time.Second, slow: -1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				took, lines, err := d.run(t.Context())
				require.ErrorContains(t, err, "bytes came in 2m0s (3 tries); try again later, or look for what stands in between")
				require.Less(t, took, maxStalls*slowWindow+time.Minute)
				require.Len(t, d.asked, maxStalls)
				require.Len(t, lines, maxStalls-1)
				require.Contains(t, lines[0], ": it is resumed")
			})
		})
	}
}

// A new connection may be faster, and goes on where the slow one ended.
func TestATrickleIsResumed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &drip{size: 10 << 20, piece: 1000, pause: 1010 * time.Millisecond, slow: 2}
		took, _, err := d.run(t.Context())
		require.NoError(t, err)
		require.Less(t, took, 2*slowWindow+time.Minute)
		require.Equal(t, []string{"", "bytes=118000-", "bytes=236000-"}, d.asked)
	})
}

// A slow line is no reason to give up.
func TestASlowLineIsEnough(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &drip{size: 100 << 20, piece: 10_000, pause: 990 * time.Millisecond, slow: -1}
		took, lines, err := d.run(t.Context())
		require.NoError(t, err)
		require.Greater(t, took, 2*time.Hour)
		require.Empty(t, lines)
	})
}

// What is just fast enough all the time ends, too.
func TestADownloadIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := &drip{size: 1 << 30, piece: 11_000, pause: time.Second, slow: -1}
		took, _, err := d.run(t.Context())
		require.Equal(t, longest, took)
		require.ErrorContains(t, err, "the download of the installer was ended after 4h0m0s and ")
		require.Len(t, d.asked, 1)
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		took, _, err := (&drip{size: 1 << 30, piece: 11_000, pause: time.Second, slow: -1}).run(ctx)
		require.Equal(t, time.Minute, took)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

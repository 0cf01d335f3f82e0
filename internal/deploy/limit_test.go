package deploy

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// answers is a cluster without a network, so that a clock can be made for it.
// It says what becomes of the n-th request.
type answers func(n int) (status int, header http.Header)

// client returns one of c, and the waits that it tells of.
func (a answers) client(t *testing.T, o Options) (*Client, *[]time.Duration) {
	t.Helper()
	var (
		mu    sync.Mutex
		n     int
		waits []time.Duration
	)
	o.OnWait = func(d time.Duration) { waits = append(waits, d) }
	cl, err := newClient(t, RawCredentials{URL: "https://cluster.invalid", Tenant: "abc12345", Token: "token"}, o)
	require.NoError(t, err)
	cl.http.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		mu.Lock()
		n++
		now := n
		mu.Unlock()
		status, header := a(now)
		res := &http.Response{StatusCode: status, Header: header, Request: r, Body: io.NopCloser(strings.NewReader(`{"tenantUUID":"a","tenantToken":"b"}`))}
		if header == nil {
			res.Header = http.Header{}
		}
		return res, nil
	})
	return cl, &waits
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// limited answers 429 until at, and 200 then.
func limitedUntil(at time.Time) answers {
	return func(int) (int, http.Header) {
		if time.Now().Before(at) {
			return http.StatusTooManyRequests, http.Header{"X-Ratelimit-Reset": {strconv.FormatInt(at.UnixMicro(), 10)}}
		}
		return http.StatusOK, nil
	}
}

// What the cluster asks to wait for is no part of the timeout.
func TestALimitIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		cl, waits := limitedUntil(began.Add(37*time.Second)).client(t, Options{Timeout: 8 * time.Second, Patience: Patience})
		_, err := cl.ConnectionInfo(t.Context(), "", "")
		require.NoError(t, err)
		require.Equal(t, 37*time.Second, time.Since(began))
		require.Equal(t, []time.Duration{37 * time.Second}, *waits)
	})
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		cl, waits := answers(func(n int) (int, http.Header) {
			if n == 1 {
				return http.StatusServiceUnavailable, http.Header{"Retry-After": {"20"}}
			}
			return http.StatusOK, nil
		}).client(t, Options{Timeout: 8 * time.Second, Patience: Patience})
		res, err := cl.Get(t.Context(), "/x", nil, nil)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, 20*time.Second, time.Since(began))
		require.Len(t, *waits, 1)
	})
}

// Requests at the same time wait at the same time, which is said once.
func TestALimitIsWaitedForOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		cl, waits := limitedUntil(began.Add(40*time.Second)).client(t, Options{Timeout: 8 * time.Second, Patience: Patience})
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				_, err := cl.ConnectionInfo(t.Context(), "", "")
				assert.NoError(t, err)
			})
		}
		wg.Wait()
		require.Len(t, *waits, 1)
		require.Equal(t, 40*time.Second, time.Since(began))
	})
}

// A limit that lasts is an error at once, which says how long.
func TestALimitThatLastsIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		cl, waits := limitedUntil(began.Add(5*time.Minute)).client(t, Options{Timeout: 8 * time.Second, Patience: Patience})
		_, err := cl.ConnectionInfo(t.Context(), "", "")
		require.EqualError(t, err, "the cluster limits requests (429); it takes requests again in 5m0s, at 00:05:00 UTC: try again then")
		require.Zero(t, time.Since(began))
		require.Empty(t, *waits)
	})
	// So is one that begins anew each time: there is an end to patience.
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		cl, waits := answers(func(int) (int, http.Header) {
			return http.StatusTooManyRequests, http.Header{"X-Ratelimit-Reset": {strconv.FormatInt(time.Now().Add(20*time.Second).UnixMicro(), 10)}}
		}).client(t, Options{Timeout: 8 * time.Second, Patience: Patience})
		_, err := cl.ConnectionInfo(t.Context(), "", "")
		require.ErrorContains(t, err, "the cluster limits requests (429); it takes requests again in 20s")
		require.Equal(t, time.Minute, time.Since(began))
		require.Len(t, *waits, 3)
		_, err = cl.ConnectionInfo(t.Context(), "", "")
		require.ErrorContains(t, err, "(429)")
		require.Equal(t, time.Minute, time.Since(began), "nor is there more for the next call")
	})
}

// Other failures, before a limit and after it, have the timeout and no more.
func TestALimitLeavesTheTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		cl, _ := answers(func(n int) (int, http.Header) {
			if n == 3 {
				return http.StatusTooManyRequests, http.Header{"Retry-After": {"30"}}
			}
			return http.StatusInternalServerError, nil
		}).client(t, Options{Timeout: 8 * time.Second, Patience: Patience})
		_, err := cl.ConnectionInfo(t.Context(), "", "")
		require.EqualError(t, err, "the cluster failed (500); try again later")
		require.LessOrEqual(t, time.Since(began), 38*time.Second)
		require.Greater(t, time.Since(began), 32*time.Second)
	})
}

// A client without patience, and a caller without time, wait for no limit.
func TestALimitWithoutPatience(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		options  Options
		deadline time.Duration
	}{
		{Options{Timeout: 2 * time.Second}, time.Hour},
		{Options{Timeout: 8 * time.Second, Patience: Patience}, 2 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), tc.deadline)
			defer cancel()
			cl, waits := limitedUntil(began.Add(3*time.Second)).client(t, tc.options)
			_, err := cl.ConnectionInfo(ctx, "", "")
			require.ErrorContains(t, err, "(429)")
			require.Zero(t, time.Since(began))
			require.Empty(t, *waits)

			cl, waits = limitedUntil(began.Add(time.Second)).client(t, Options{Timeout: tc.options.Timeout})
			_, err = cl.ConnectionInfo(ctx, "", "")
			require.NoError(t, err, "within its time it does")
			require.Equal(t, time.Second, time.Since(began))
			require.Empty(t, *waits)
		})
	}
}

// Who stops the build does not wait.
func TestALimitCanBeInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		cl, _ := limitedUntil(began.Add(30*time.Second)).client(t, Options{Timeout: 8 * time.Second, Patience: Patience})
		_, err := cl.ConnectionInfo(ctx, "", "")
		require.Error(t, err)
		require.Equal(t, time.Second, time.Since(began))
	})
}

package cluster_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/standin/cluster"
)

const installerPath = "/unix/paas-sh/latest?include=go"

// served returns an environment's installer, which the server made just once.
func served(t *testing.T, e *cluster.Environment) []byte {
	t.Helper()
	res, body := get(t, e, installerPath)
	require.Equal(t, http.StatusOK, res.StatusCode)
	return body
}

func TestViolationsAreListed(t *testing.T) {
	e := start(t).AddEnvironment()
	e.SetFault(cluster.Fault{Kind: cluster.FaultBadRequest})
	_, body := get(t, e, installerPath)
	require.Contains(t, string(body), `"constraintViolations":[{"path":"bitness",`)
	require.NotContains(t, string(body), e.APIToken())
}

func TestRetryAfter(t *testing.T) {
	e := start(t).AddEnvironment()
	e.SetFault(cluster.Fault{Kind: cluster.FaultUnavailable, Reset: 7 * time.Second, Times: 1})
	res, _ := get(t, e, installerPath)
	require.Equal(t, "7", res.Header.Get("Retry-After"))
	e.SetFault(cluster.Fault{Kind: cluster.FaultUnavailable, Times: 1})
	res, _ = get(t, e, installerPath)
	require.Empty(t, res.Header.Get("Retry-After"))
}

func TestPackedOnTheWay(t *testing.T) {
	e := start(t).AddEnvironment()
	want := served(t, e)
	e.SetFault(cluster.Fault{Kind: cluster.FaultGzip, Times: 1})
	res, body := get(t, e, installerPath, "Accept-Encoding", "identity", "Range", "bytes=10-")
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Equal(t, "gzip", res.Header.Get("Content-Encoding"))
	require.Regexp(t, `^W/"`, res.Header.Get("ETag"))
	require.Empty(t, res.Header.Get("Accept-Ranges"))
	z, err := gzip.NewReader(bytes.NewReader(body))
	require.NoError(t, err)
	got, err := io.ReadAll(z)
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got))

	e.SetFault(cluster.Fault{Kind: cluster.FaultEncoding, Times: 1})
	res, _ = get(t, e, installerPath)
	require.Equal(t, "x-unheard-of", res.Header.Get("Content-Encoding"))
}

// What says that it is short, and goes on: a client sees the start of it.
func TestLongerThanItSays(t *testing.T) {
	e := start(t).AddEnvironment()
	for _, path := range []string{installerPath, "/connectioninfo"} {
		_, whole := get(t, e, path)
		e.SetFault(cluster.Fault{Kind: cluster.FaultLong, Times: 1})
		res, body := get(t, e, path)
		require.EqualValues(t, len(body), res.ContentLength)
		require.Equal(t, string(whole[:len(whole)/2]), string(body))
		require.Eventually(t, func() bool {
			list := e.Requests()
			return list[len(list)-1].Bytes > int64(len(body))
		}, 5*time.Second, time.Millisecond, "there was more")
	}
}

func TestPartsOfAnInstaller(t *testing.T) {
	s := start(t)
	e, whole := s.AddEnvironment(), s.AddEnvironment(cluster.WithoutRanges())
	want := served(t, e)
	res, _ := get(t, e, installerPath)
	require.Equal(t, "bytes", res.Header.Get("Accept-Ranges"))
	tag := res.Header.Get("ETag")
	res, body := get(t, e, installerPath, "Range", "bytes=10-", "If-Range", tag)
	require.Equal(t, http.StatusPartialContent, res.StatusCode)
	require.True(t, bytes.Equal(want[10:], body))
	res, _ = get(t, e, installerPath, "Range", "bytes=10-", "If-Range", `"another"`)
	require.Equal(t, http.StatusOK, res.StatusCode)

	want = served(t, whole)
	res, body = get(t, whole, installerPath, "Range", "bytes=10-")
	require.Equal(t, http.StatusOK, res.StatusCode)
	require.Empty(t, res.Header.Get("Accept-Ranges"))
	require.EqualValues(t, len(want), res.ContentLength)
	require.True(t, bytes.Equal(want, body))
}

// A body breaks where the test wants it to.
func TestBreakingOffAfterSomeBytes(t *testing.T) {
	e := start(t).AddEnvironment()
	want := served(t, e)
	e.SetFault(cluster.Fault{Kind: cluster.FaultTruncated, After: 1000, Times: 1})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.APIURL()+agentAPI+installerPath, nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Api-Token "+e.APIToken())
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.EqualValues(t, len(want), res.ContentLength)
	require.True(t, bytes.Equal(want[:1000], body))
}

func TestNoAnswerAtAll(t *testing.T) {
	e := start(t).AddEnvironment()
	e.SetFault(cluster.Fault{Kind: cluster.FaultSilent})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.APIURL()+agentAPI+"/connectioninfo", nil)
	require.NoError(t, err)
	failed := make(chan error)
	go func() {
		_, err := (&http.Client{Timeout: time.Second}).Do(r) //nolint:bodyclose // there is none
		failed <- err
	}()
	require.Eventually(t, func() bool { return e.Stalled() == 1 }, time.Second, time.Millisecond)
	require.True(t, os.IsTimeout(<-failed))
	require.Eventually(t, func() bool { return e.Stalled() == 0 }, 5*time.Second, time.Millisecond)
}

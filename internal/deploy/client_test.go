package deploy

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// cluster is a server with secrets of its own and a count of its requests.
type cluster struct {
	*httptest.Server
	creds    RawCredentials
	secret   string
	requests atomic.Int32
}

func newCluster(t *testing.T, h http.HandlerFunc) *cluster {
	t.Helper()
	c := &cluster{secret: rand.Text()}
	c.creds = RawCredentials{Tenant: strings.ToLower(rand.Text()), Token: "dt0c01." + rand.Text() + "." + rand.Text()}
	c.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.requests.Add(1)
		if r.Header.Get("Authorization") != authorization(c.creds.Token) || strings.Contains(r.URL.String(), c.creds.Token) {
			http.Error(w, "the token belongs into the header", http.StatusTeapot)
			return
		}
		h(w, r)
	}))
	c.Config.ErrorLog = log.New(io.Discard, "", 0)
	c.StartTLS()
	t.Cleanup(c.Close)
	c.creds.URL = c.URL
	return c
}

// newClient is New for what a user gives.
func newClient(t *testing.T, raw RawCredentials, o Options) (*Client, error) {
	t.Helper()
	c, err := NewCredentials(raw)
	require.NoError(t, err)
	return New(c, o)
}

func (c *cluster) ca() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate().Raw})
}

func (c *cluster) client(t *testing.T, o Options) *Client {
	t.Helper()
	if o.RootCAs == nil {
		o.RootCAs = c.ca()
	}
	cl, err := newClient(t, c.creds, o)
	require.NoError(t, err)
	return cl
}

func (c *cluster) clean(t *testing.T, err error) {
	t.Helper()
	requireClean(t, err, c.creds.Token, c.creds.Tenant, c.secret)
}

func answer(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, s) }
}

func TestTimeoutWithoutContext(t *testing.T) {
	t.Parallel()
	c := newCluster(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	cl := c.client(t, Options{Timeout: 100 * time.Millisecond})
	_, err := cl.ConnectionInfo(t.Context(), "", "")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	_, err = cl.Get(t.Context(), "/slow", nil, nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "did not answer in time")
}

func TestCancel(t *testing.T) {
	t.Parallel()
	c := newCluster(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err := c.client(t, Options{}).ConnectionInfo(ctx, "", "")
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "was interrupted")
}

func TestGet(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("agent"), 1<<16)
	c := newCluster(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		if r.URL.Query().Get("include") != "java" || r.Header.Get("Accept") != "application/octet-stream" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		_, _ = w.Write(content)
	})
	cl := c.client(t, Options{})
	query, header := url.Values{"include": {"java"}}, http.Header{"accept": {"application/octet-stream"}}
	res, err := cl.Get(t.Context(), "/unix/paas-sh/latest", query, header)
	require.NoError(t, err)
	got, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, content, got)
	require.NoError(t, res.Body.Close())
	require.Empty(t, header.Get("Authorization"), "the caller's header is not changed")

	res, err = cl.Get(t.Context(), "x", nil, http.Header{"If-None-Match": {`"1"`}})
	require.NoError(t, err)
	require.Equal(t, http.StatusNotModified, res.StatusCode)
	require.NoError(t, res.Body.Close())

	_, err = cl.Get(t.Context(), "x", nil, nil)
	var status *StatusError
	require.ErrorAs(t, err, &status)
}

// TestGet_LeavesTheBodyItsTime: the time-out is for what comes before it. Closing
// the body ends the request.
func TestGet_LeavesTheBodyItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cl, _ := answers(func(int) (int, http.Header) { return http.StatusOK, nil }).client(t, Options{Timeout: 2 * time.Second})
		var asked context.Context
		inner := cl.http.Transport
		cl.http.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			asked = r.Context() //nolint:fatcontext // to see when the request ends
			time.Sleep(time.Second)
			return inner.RoundTrip(r)
		})
		res, err := cl.Get(t.Context(), "/x", nil, nil)
		require.NoError(t, err)
		time.Sleep(time.Hour)
		require.NoError(t, asked.Err())
		got, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.JSONEq(t, `{"tenantUUID":"a","tenantToken":"b"}`, string(got))
		require.NoError(t, res.Body.Close())
		require.ErrorIs(t, asked.Err(), context.Canceled)
	})
}

// TestConnectionInfo_RefusesWhatEndsWithItsTime: an answer that a server ends
// since we leave looks whole.
func TestConnectionInfo_RefusesWhatEndsWithItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cl, _ := answers(func(int) (int, http.Header) { return http.StatusOK, nil }).client(t, Options{Timeout: 2 * time.Second})
		inner := cl.http.Transport
		cl.http.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			res, err := inner.RoundTrip(r)
			if err == nil {
				res.Body = io.NopCloser(io.MultiReader(res.Body, ending{r.Context()}))
			}
			return res, err
		})
		_, err := cl.ConnectionInfo(t.Context(), "", "")
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// ending ends when a context does.
type ending struct{ ctx context.Context }

// Read waits.
func (e ending) Read([]byte) (int, error) { <-e.ctx.Done(); return 0, io.EOF }

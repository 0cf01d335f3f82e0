package deploy

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestNormalize_BoundsLengthsAndCharacters.
func TestNormalize_BoundsLengthsAndCharacters(t *testing.T) {
	t.Parallel()
	for tenant, ok := range map[string]bool{
		"azAZ09-_": true, "0": true, strings.Repeat("a", 128): true, strings.Repeat("a", 129): false,
		"a/b": false, "a:b": false, "a@b": false, "a[b": false, "a`b": false, "a{b": false, "a.b": false, "aéb": false, "a\x00b": false,
	} {
		_, err := NewCredentials(RawCredentials{Tenant: tenant, Token: "token"})
		require.Equal(t, ok, err == nil, tenant)
	}
	for token, ok := range map[string]bool{
		"!~": true, "0189": true, strings.Repeat("a", 1024): true, strings.Repeat("a", 1025): false,
		"a b": false, "a\x7fb": false, "a\x1fb": false, "aéb": false, "a\tb": false,
	} {
		_, err := NewCredentials(RawCredentials{Tenant: "abc12345", Token: token})
		require.Equal(t, ok, err == nil, token)
	}
}

// TestConnectionInfo_BoundsAnAnswer to what is held in memory.
func TestConnectionInfo_BoundsAnAnswer(t *testing.T) {
	t.Parallel()
	const document = `{"tenantUUID":"a","tenantToken":"b"}`
	for size, ok := range map[int]bool{1<<20 - 1: true, 1 << 20: true, 1<<20 + 1: false} {
		c := newCluster(t, answer(document+strings.Repeat(" ", size-len(document))))
		_, err := c.client(t, Options{}).ConnectionInfo(t.Context(), "", "")
		require.Equal(t, ok, err == nil, "%d: %v", size, err)
	}
}

// TestConnectionInfo_NeedsPrintableTexts: each of them becomes a line of a file
// or a variable.
func TestConnectionInfo_NeedsPrintableTexts(t *testing.T) {
	t.Parallel()
	for body, ok := range map[string]bool{
		`{"tenantUUID":"a!~","tenantToken":"b!~"}`:                                                      true,
		`{"tenantUUID":"a b","tenantToken":"b"}`:                                                        false,
		`{"tenantUUID":"a","tenantToken":"b c"}`:                                                        false,
		`{"tenantUUID":"aé","tenantToken":"b"}`:                                                         false,
		`{"tenantUUID":"a","tenantToken":"b","communicationEndpoints":["https://a","https://bé"]}`:      false,
		`{"tenantUUID":"a","tenantToken":"b","formattedCommunicationEndpoints":"https://bé"}`:           false,
		`{"tenantUUID":"a","tenantToken":"b","communicationEndpoints":["https://a\t;https://b"]}`:       false,
		`{"tenantUUID":"a","tenantToken":"b","formattedCommunicationEndpoints":["https://a\u007f"]}`:    false,
		`{"tenantUUID":"a","tenantToken":"b","communicationEndpoints":["https://a\r\n"," https://b "]}`: true,
		`{"tenantUUID":"a","tenantToken":"b","communicationEndpoints":[1]}`:                             false,
		`{"tenantUUID":"a","tenantToken":"b","communicationEndpoints":{"a":"b"}}`:                       false,
		`{"tenantUUID":"a","tenantToken":"b","formattedCommunicationEndpoints":7}`:                      false,
	} {
		c := newCluster(t, answer(body))
		_, err := c.client(t, Options{}).ConnectionInfo(t.Context(), "", "")
		require.Equal(t, ok, err == nil, "%s: %v", body, err)
	}
}

// TestClient_NamesItself, and asks for what it is told to.
func TestClient_NamesItself(t *testing.T) {
	t.Parallel()
	var seen *http.Request
	c := newCluster(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r
		answer(`{"tenantUUID":"a","tenantToken":"b"}`)(w, r)
	})
	for agent, want := range map[string]string{"": "dt-frontend", "dt-start/1.089": "dt-start/1.089"} {
		_, err := c.client(t, Options{UserAgent: agent}).ConnectionInfo(t.Context(), "", "")
		require.NoError(t, err)
		require.Equal(t, want, seen.UserAgent())
		require.Equal(t, "application/json", seen.Header.Get("Accept"))
		require.Equal(t, http.MethodGet, seen.Method)
		require.Empty(t, seen.URL.RawQuery)
	}
	for _, path := range []string{"/x/y", "x/y"} {
		res, err := c.client(t, Options{}).Get(t.Context(), path, nil, nil)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, "/e/"+c.creds.Tenant+"/api/v1/deployment/installer/agent/x/y", seen.RequestURI)
	}
	_, err := c.client(t, Options{}).Get(t.Context(), "x\x7f", nil, nil)
	require.EqualError(t, err, "cannot ask "+strings.TrimPrefix(c.URL, "https://")+" for this path")
	for status, ok := range map[int]bool{200: true, 204: true, 206: true, 299: true, 300: false} {
		c := newCluster(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		res, err := c.client(t, Options{}).Get(t.Context(), "x", nil, nil)
		require.Equal(t, ok, err == nil, status)
		if ok {
			_ = res.Body.Close()
		}
	}
}

// TestRetry_FitsItsPauses to the time that it has.
func TestRetry_FitsItsPauses(t *testing.T) {
	t.Parallel()
	for timeout, tries := range map[time.Duration][2]int{
		0:                      {6, 16}, // half a minute
		-1:                     {6, 16},
		200 * time.Millisecond: {3, 9},
		2 * time.Second:        {4, 9},
		10 * time.Minute:       {75, 250},
	} {
		synctest.Test(t, func(t *testing.T) {
			began, n := time.Now(), 0
			cl, _ := answers(func(now int) (int, http.Header) { n = now; return 500, nil }).client(t, Options{Timeout: timeout})
			_, err := cl.ConnectionInfo(t.Context(), "", "")
			require.EqualError(t, err, "the cluster failed (500); try again later")
			if timeout <= 0 {
				timeout = 30 * time.Second
			}
			require.LessOrEqual(t, time.Since(began), timeout)
			require.Greater(t, time.Since(began), timeout/4)
			require.GreaterOrEqual(t, n, tries[0], timeout)
			require.LessOrEqual(t, n, tries[1], timeout)
		})
	}
}

// TestLimit_IsOfTwoStatusesAlone: a server that failed does not say how long.
func TestLimit_IsOfTwoStatusesAlone(t *testing.T) {
	t.Parallel()
	for status, limited := range map[int]bool{429: true, 503: true, 500: false, 502: false, 504: false} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			cl, waits := answers(func(n int) (int, http.Header) {
				if n == 1 {
					return status, http.Header{"Retry-After": {"65"}}
				}
				return 200, nil
			}).client(t, Options{Timeout: 8 * time.Second, Patience: Patience})
			_, err := cl.ConnectionInfo(t.Context(), "", "")
			require.NoError(t, err)
			require.Equal(t, limited, time.Since(began) == 65*time.Second, status)
			require.Equal(t, limited, len(*waits) == 1, status)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		cl, waits := answers(func(int) (int, http.Header) { return 429, http.Header{"Retry-After": {"66"}} }).
			client(t, Options{Timeout: 8 * time.Second, Patience: Patience})
		_, err := cl.ConnectionInfo(t.Context(), "", "")
		require.ErrorContains(t, err, "(429); it takes requests again in 1m6s")
		require.Zero(t, time.Since(began))
		require.Empty(t, *waits)
	})
}

// TestGet_EndsARedirectThatGoesOn after three.
func TestGet_EndsARedirectThatGoesOn(t *testing.T) {
	t.Parallel()
	for hops, ok := range map[int]bool{1: true, 3: true, 4: false} {
		c := newCluster(t, func(w http.ResponseWriter, r *http.Request) {
			n := 0
			_, _ = fmt.Sscan(r.URL.Query().Get("n"), &n)
			if n < hops {
				http.Redirect(w, r, fmt.Sprintf("x?n=%d", n+1), http.StatusFound)
				return
			}
			_, _ = io.WriteString(w, "here")
		})
		res, err := c.client(t, Options{}).Get(t.Context(), "x", nil, nil)
		require.Equal(t, ok, err == nil, "%d: %v", hops, err)
		if ok {
			_ = res.Body.Close()
		}
	}
}

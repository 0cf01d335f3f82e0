package deploy

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func packed(t *testing.T, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := io.WriteString(z, s)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

// encoded answers with a body that says how it is encoded.
func encoded(t *testing.T, status int, encoding string, body []byte) *cluster {
	return newCluster(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "identity", r.Header.Get("Accept-Encoding"))
		w.Header().Set("Content-Encoding", encoding)
		w.Header().Set("Accept-Ranges", "bytes")
		w.WriteHeader(status)
		_, _ = w.Write(body)
	})
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	const document = `{"tenantUUID":"a","tenantToken":"b"}`
	for _, tc := range []struct {
		name, encoding string
		status         int
		body           []byte
		want           string
	}{
		{"gzip", "gzip", 200, packed(t, document), ""},
		{"its old name", "X-GZIP", 200, packed(t, document), ""},
		{"none", "identity", 200, []byte(document), ""},
		{"an error", "gzip", 400, packed(t, `{"error":{"message":"so it is"}}`), "(400): so it is"},
		{"an unknown error", "br", 400, []byte("?"), "the cluster rejected the request (400)"},
		{"unknown", "br", 200, []byte("?"), "is encoded (br), which nobody asked for: a proxy in between changes answers"},
		{"several", "gzip, br", 200, []byte("?"), "is encoded (gzip, br)"},
		{"huge", "gzip", 200, packed(t, strings.Repeat(" ", maxJSON+1)), "is larger than 1048576 bytes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := encoded(t, tc.status, tc.encoding, tc.body)
			_, err := c.client(t, Options{}).ConnectionInfo(t.Context(), "", "")
			require.EqualValues(t, 1, c.requests.Load())
			if tc.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tc.want)
			c.clean(t, err)
		})
	}
}

func TestWhatWasPackedIsToldOf(t *testing.T) {
	t.Parallel()
	res, err := encoded(t, 200, "gzip", packed(t, "#!/bin/sh\n")).client(t, Options{}).Get(t.Context(), "/x", nil, nil)
	require.NoError(t, err)
	defer res.Body.Close()
	dt, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, "#!/bin/sh\n", string(dt))
	require.True(t, res.Uncompressed)
	require.EqualValues(t, -1, res.ContentLength)
	require.Empty(t, res.Header["Accept-Ranges"])
	require.Empty(t, res.Header["Content-Encoding"])
}

func TestADamagedEncoding(t *testing.T) {
	t.Parallel()
	c := encoded(t, 200, "gzip", []byte("this is not what it says that it is"))
	// Time for one whole try on a busy machine.
	_, err := c.client(t, Options{Timeout: 3e9}).ConnectionInfo(t.Context(), "", "")
	require.ErrorContains(t, err, "says that it is packed (gzip) and cannot be unpacked")
}

// Nothing has changed, says a cache, when it was not asked.
func TestNotModified(t *testing.T) {
	t.Parallel()
	c := newCluster(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) })
	_, err := c.client(t, Options{}).ConnectionInfo(t.Context(), "", "")
	require.EqualError(t, err, "a cache on the way to the cluster answered that nothing has changed, which nobody asked (304); "+
		"go another way than by that proxy, or have it keep no answers of the cluster")
	_, err = c.client(t, Options{}).Get(t.Context(), "/x", nil, nil)
	require.ErrorContains(t, err, "(304)")
	require.EqualValues(t, 2, c.requests.Load(), "not asked again")
}

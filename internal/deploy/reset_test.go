package deploy

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestResetAfter(t *testing.T) {
	t.Parallel()
	now := time.UnixMicro(1_700_000_000_000_000)
	for _, tc := range []struct {
		name, key, value string
		want             time.Duration
		ok               bool
	}{
		{"microseconds", "X-RateLimit-Reset", "1700000003000000", 3 * time.Second, true},
		{"past", "X-RateLimit-Reset", "1600000000000000", -100_000_000 * time.Second, false},
		{"far", "X-RateLimit-Reset", "1800000000000000", maxReset, true},
		{"word", "X-RateLimit-Reset", "soon", 0, false},
		{"seconds", "Retry-After", "7", 7 * time.Second, true},
		{"many", "Retry-After", "9999999999", maxReset, true},
		{"date", "Retry-After", now.Add(9 * time.Second).UTC().Format(http.TimeFormat), 9 * time.Second, true},
		{"seconds of the past", "Retry-After", "-7", 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, ok := resetAfter(http.Header{http.CanonicalHeaderKey(tc.key): {tc.value}}, now)
			require.Equal(t, tc.ok, ok)
			require.Equal(t, tc.want, got)
		})
	}
	// A proxy's header of the same name, in seconds or over, hides no other.
	for _, reset := range []string{"1700000009", "60", "1600000000000000"} {
		got, ok := resetAfter(http.Header{"X-Ratelimit-Reset": {reset}, "Retry-After": {"7"}}, now)
		require.True(t, ok)
		require.Equal(t, 7*time.Second, got)
	}
	// A clock that is wrong on this side is no reason to wait.
	late := http.Header{"X-Ratelimit-Reset": {"1700000003000000"}, "Date": {now.UTC().Format(http.TimeFormat)}}
	got, ok := resetAfter(late, now.Add(-time.Hour))
	require.True(t, ok)
	require.Equal(t, 3*time.Second, got)
}

package deploy

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestPatience_CountsWaitsAtTheSameTimeOnce, and tells of one that becomes longer
// by a second or more.
func TestPatience_CountsWaitsAtTheSameTimeOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told []time.Duration
		p := &patience{total: 20 * time.Second, onWait: func(d time.Duration) { told = append(told, d) }}
		for _, tt := range []struct {
			wait          time.Duration
			granted, told bool
		}{
			{10 * time.Second, true, true},
			{10 * time.Second, true, false},
			{9 * time.Second, true, false},
			{10*time.Second + 999*time.Millisecond, true, false},
			{11*time.Second + 999*time.Millisecond, true, true},
			{20*time.Second + 1, false, false},
			{20 * time.Second, true, true},
			{20 * time.Second, true, false},
		} {
			before := len(told)
			require.Equal(t, tt.granted, p.grant(tt.wait), tt.wait)
			require.Equal(t, tt.told, len(told) > before, tt.wait)
		}
		time.Sleep(20 * time.Second)
		require.False(t, p.grant(time.Second), "all of it is spent")
		p.total += time.Second
		require.True(t, p.grant(time.Second))
		require.Equal(t, time.Second, told[len(told)-1])
		p, told = &patience{total: time.Second, onWait: p.onWait}, nil
		require.True(t, p.grant(time.Millisecond))
		require.Equal(t, []time.Duration{time.Millisecond}, told, "short ones are told of, too")
	})
}

// TestResetAfter_GoesByTheClustersClock where the clocks differ by much.
func TestResetAfter_GoesByTheClustersClock(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	for skew, want := range map[time.Duration]time.Duration{
		0: 3 * time.Second, 4 * time.Second: 3 * time.Second, 5 * time.Second: 3 * time.Second, -5 * time.Second: 3 * time.Second,
		6 * time.Second: 9 * time.Second, -6 * time.Second: 0, time.Hour: time.Hour + 3*time.Second,
	} {
		date := now.Add(-skew).UTC().Format(http.TimeFormat)
		got, ok := resetAfter(http.Header{"X-Ratelimit-Reset": {"1700000003000000"}, "Date": {date}}, now)
		require.Equal(t, want > 0, ok, skew)
		require.Equal(t, want, max(got, 0), skew)
		got, ok = resetAfter(http.Header{"Retry-After": {now.Add(3 * time.Second).UTC().Format(http.TimeFormat)}, "Date": {date}}, now)
		require.Equal(t, want > 0, ok, skew)
		require.Equal(t, want, max(got, 0), skew)
	}
	for _, value := range []string{"0", "-1", ""} {
		_, ok := resetAfter(http.Header{"X-Ratelimit-Reset": {value}, "Retry-After": {value}}, now)
		require.False(t, ok, value)
	}
}

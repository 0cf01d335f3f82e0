package deploy

import (
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Patience bounds what a build waits for where the cluster limits requests: its
// limits are per minute, and clocks may differ by a little.
const Patience = 65 * time.Second

// limitedError is a refusal with the time after which it ends.
type limitedError struct {
	*StatusError
	wait time.Duration
}

func (e *limitedError) Unwrap() error { return e.StatusError }

// withoutWait returns what of an error is for callers.
func withoutWait(err error) error {
	var limited *limitedError
	if errors.As(err, &limited) {
		limited.Until = time.Now().Add(limited.wait)
		return limited.StatusError
	}
	return err
}

// patience is how long a client waits, in all its calls, where the cluster asks
// for that.
type patience struct {
	total  time.Duration
	onWait func(time.Duration)

	mu    sync.Mutex
	spent time.Duration
	until time.Time
}

// grant reports whether there is patience for a wait of d from now. Waits at
// the same time count once, and are told of once.
func (p *patience) grant(d time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	from, end := p.until, now.Add(d)
	if from.Before(now) {
		from = now
	}
	more := max(end.Sub(from), 0)
	if p.spent+more > p.total {
		return false
	}
	if p.onWait != nil && (from.Equal(now) || more >= time.Second) {
		p.onWait(d)
	}
	if more > 0 {
		p.spent += more
		p.until = end
	}
	return true
}

// maxReset keeps a header that means nothing from being taken at its word.
const maxReset = 24 * time.Hour

// maxSkew is how far a machine's clock may be from the cluster's before the
// latter counts.
const maxSkew = 5 * time.Second

// resetAfter reads how long a limit still holds. The cluster's own header is a
// timestamp in microseconds; proxies in front of it use Retry-After. Nothing is
// known of a limit that has ended already.
func resetAfter(h http.Header, now time.Time) (time.Duration, bool) {
	var wait time.Duration
	if us, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64); err == nil && us > 0 {
		wait = time.UnixMicro(us).Sub(clusterTime(h, now))
	}
	// Others count in seconds in the header of that name, long ago as a time.
	if wait > 0 {
		return min(wait, maxReset), true
	}
	if s, err := strconv.Atoi(h.Get("Retry-After")); err == nil && s > 0 {
		wait = time.Duration(min(s, int(maxReset/time.Second))) * time.Second
	} else if date, err := http.ParseTime(h.Get("Retry-After")); err == nil {
		wait = date.Sub(clusterTime(h, now))
	}
	return min(wait, maxReset), wait > 0
}

// clusterTime is the cluster's time of an answer that came now.
func clusterTime(h http.Header, now time.Time) time.Time {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil || now.Sub(date).Abs() <= maxSkew {
		return now
	}
	return date
}

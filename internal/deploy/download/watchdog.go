package download

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

const (
	// stallTimeout is how long a download may make no progress.
	stallTimeout = 30 * time.Second
	// slowWindow and leastBytes are the least rate: 10 KB/s on average, at which
	// the largest installer (700 MB) would take 19 hours. The window is longer
	// than a line is usually interrupted for, and three windows are no more than
	// a person waits for a build.
	slowWindow = 2 * time.Minute
	leastBytes = 10_000 * int64(slowWindow/time.Second)
	// longest bounds a download with all its tries. The largest installer
	// arrives in that time at 50 KB/s, and build systems end a job after a few
	// hours.
	longest = 4 * time.Hour
)

// limits bound one try of a download.
type limits struct {
	stall  time.Duration // the longest time in which nothing comes
	window time.Duration // in each of which at least least bytes must come
	least  int64
}

var usual = limits{stall: stallTimeout, window: slowWindow, least: leastBytes}

// watchdog ends a transfer that makes too little progress. Each piece of the
// transfer is written to the watchdog, too.
type watchdog struct {
	limits
	end    context.CancelCauseFunc
	silent *time.Timer
	slow   *time.Timer
	bytes  atomic.Int64 // in the current window
}

// slowError is the reason for which a watchdog ended a transfer.
type slowError struct{ text string }

// Error says how little came.
func (e *slowError) Error() string { return e.text }

// newWatchdog returns a watchdog that calls end with a [*slowError].
func newWatchdog(l limits, end context.CancelCauseFunc) *watchdog {
	w := &watchdog{limits: l, end: end}
	w.silent = time.AfterFunc(l.stall, func() {
		end(&slowError{fmt.Sprintf("nothing came for %s", l.stall)})
	})
	w.slow = time.AfterFunc(l.window, w.closeWindow)
	return w
}

// closeWindow looks at what came since the last time.
func (w *watchdog) closeWindow() {
	if n := w.bytes.Swap(0); n < w.least {
		w.end(&slowError{fmt.Sprintf("only %d bytes came in %s", n, w.window)})
		return
	}
	w.slow.Reset(w.window)
}

// Write notes progress. It never fails.
func (w *watchdog) Write(p []byte) (int, error) {
	w.bytes.Add(int64(len(p)))
	w.silent.Reset(w.stall)
	return len(p), nil
}

// stop ends the watch.
func (w *watchdog) stop() {
	w.silent.Stop()
	w.slow.Stop()
}

// explain returns err, the error of a transfer with the context ctx, or the
// reason for which a watchdog ended the transfer.
func explain(ctx context.Context, err error) error {
	var slow *slowError
	if err == nil || !errors.As(context.Cause(ctx), &slow) {
		return err
	}
	return &brokenError{cause: slow.text, stalled: true}
}

package download

import (
	"fmt"
	"sync/atomic"
	"time"
)

// watchdog ends a transfer that makes no progress. Its Write is told of it.
type watchdog struct {
	timer *time.Timer
	limit time.Duration
	done  atomic.Bool
}

func newWatchdog(limit time.Duration, bark func()) *watchdog {
	w := &watchdog{limit: limit}
	w.timer = time.AfterFunc(limit, func() {
		w.done.Store(true)
		bark()
	})
	return w
}

// Write notes progress. It never fails.
func (w *watchdog) Write(p []byte) (int, error) {
	w.timer.Reset(w.limit)
	return len(p), nil
}

func (w *watchdog) barked() bool { return w.done.Load() }

// explain returns err, unless it comes of the watchdog.
func (w *watchdog) explain(err error) error {
	if !w.barked() {
		return err
	}
	return &brokenError{cause: fmt.Sprintf("nothing came for %s", w.limit), stalled: true}
}

func (w *watchdog) stop() { w.timer.Stop() }

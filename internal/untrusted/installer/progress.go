package installer

import (
	"errors"
	"time"

	"github.com/org/dt-frontend/internal/untrusted/foreign"
)

const (
	// MaxIdle is how long an installer may give no sign of life. One that unpacks
	// gives several a second however slow the disk is: its files grow, or it waits
	// for the disk.
	MaxIdle = time.Minute
	// retryIdle is MaxIdle for an installer that has most likely failed before.
	retryIdle = 10 * time.Second
)

var errIdle = errors.New("installer idle")

// progress tells an installer that works from one that hangs. Signs of life are
// output, files that come, go or change, and a process that runs or
// waits for a disk whenever one looks: a loop that sleeps is seen to run once
// in a while.
type progress struct {
	limit time.Duration
	idle  time.Duration
	last  sample
	at    time.Time
}

// sample is what one look at an installer sees.
type sample struct {
	size   foreign.Size
	output int64
	busy   bool
}

// hangs takes another look into account.
func (p *progress) hangs(now time.Time, s sample) bool {
	alive := s.size != p.last.size || s.output != p.last.output || s.busy && p.last.busy
	// While a machine sleeps nobody looks, and nothing can work.
	between := min(now.Sub(p.at), p.limit/10)
	if p.last, p.at = s, now; alive {
		p.idle = 0
		return false
	}
	p.idle += between
	return p.idle >= p.limit
}

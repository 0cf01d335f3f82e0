package fetch

import (
	"fmt"
	"io"
	"time"
)

// An exec step has no progress of its own but its output: a line at each of
// these steps, whichever comes first.
const (
	progressPercent  = 10
	progressInterval = 5 * time.Second
	// progressMin is the size in bytes from which percents are worth a line.
	progressMin = 10e6
)

// progress counts a transfer and says how far it is.
type progress struct {
	log     io.Writer
	total   int64 // 0 or less where it is not known
	count   int64
	percent int64
	last    time.Time
}

func newProgress(log io.Writer, total int64) *progress {
	return &progress{log: log, total: total, last: time.Now()}
}

// Write counts p. It never fails.
func (p *progress) Write(b []byte) (int, error) {
	p.count += int64(len(b))
	now := time.Now()
	switch {
	case p.total >= progressMin && p.count*100/p.total >= p.percent+progressPercent:
		p.percent = p.count * 100 / p.total / progressPercent * progressPercent
	case now.Sub(p.last) < progressInterval:
		return len(b), nil
	}
	p.last = now
	if p.total > 0 {
		fmt.Fprintf(p.log, "downloaded %d%% of %d MB\n", p.count*100/p.total, p.total/1e6)
	} else {
		fmt.Fprintf(p.log, "downloaded %d MB\n", p.count/1e6)
	}
	return len(b), nil
}

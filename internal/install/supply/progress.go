package supply

import (
	"fmt"
	"io"
	"time"

	"github.com/org/dt-frontend/internal/deploy/download"
)

// An exec step has no progress of its own but its output: a line at each of
// these steps, whichever comes first.
const (
	progressPercent  = 10
	progressInterval = 5 * time.Second
)

// progress says how far a transfer is.
type progress struct {
	log     io.Writer
	percent int64
	last    time.Time
}

func newProgress(log io.Writer) *progress {
	return &progress{log: log, last: time.Now()}
}

// observer returns p as a download needs it.
func (p *progress) observer() download.Observer {
	return download.Observer{Progress: p.report, Warn: p.warn}
}

// warn prints what happened to the download.
func (p *progress) warn(line string) {
	p.last = time.Now()
	fmt.Fprintln(p.log, line)
}

// report is told how far it is.
func (p *progress) report(done, total int64) {
	now := time.Now()
	if total > 0 && done*100/total < p.percent {
		p.percent = 0 // it was begun again
	}
	switch {
	case total > 0 && done*100/total >= p.percent+progressPercent:
		p.percent = done * 100 / total / progressPercent * progressPercent
	case now.Sub(p.last) < progressInterval:
		return
	}
	p.last = now
	fmt.Fprintln(p.log, download.Describe(done, total))
}

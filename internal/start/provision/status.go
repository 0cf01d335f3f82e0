package provision

import (
	"sync"
	"time"

	"github.com/org/dt-frontend/internal/deploy/download"
)

// status knows how far an installation is, and says so now and then.
type status struct {
	tell func(string)
	what string

	mu          sync.Mutex
	doing       string
	done, total int64 // of a download

	end   chan struct{}
	ended sync.WaitGroup
}

// watch begins to say how far it is.
func (p *Provisioner) watch(o Order) *status {
	s := &status{tell: p.Say, what: "OneAgent " + o.Version, doing: "asking for it", end: make(chan struct{})}
	if s.tell == nil {
		s.tell = func(string) {}
	}
	s.ended.Go(func() {
		tick := time.NewTicker(p.Interval)
		defer tick.Stop()
		for {
			select {
			case <-s.end:
				return
			case <-tick.C:
				s.tell(s.what + ": " + s.now())
			}
		}
	})
	return s
}

// stop returns when nothing more is said.
func (s *status) stop() {
	close(s.end)
	s.ended.Wait()
}

func (s *status) say(doing string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.doing, s.done, s.total = doing, 0, 0
}

func (s *status) now() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done > 0 {
		return download.Describe(s.done, s.total)
	}
	return s.doing
}

func (s *status) waiting() { s.say("waiting for another start that installs it") }

// downloaded is told how far a download is.
func (s *status) downloaded(done, total int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done, s.total = done, total
}

// warn says at once what somebody may want to mend.
func (s *status) warn(text string) { s.tell(text) }

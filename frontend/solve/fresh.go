package solve

import (
	"sync"

	"github.com/moby/buildkit/solver/pb"
)

// Fresh is the steps that a build has run without the cache, by digest. Asked
// for once more they come from that run: for BuildKit a definition with such a
// step in it means to begin anew, and it empties the step's cache mounts, which
// the step has just filled. Nil remembers nothing.
type Fresh struct {
	mu    sync.Mutex
	steps map[string]struct{}
}

// NewFresh returns the memory of a build that has not run anything yet.
func NewFresh() *Fresh { return &Fresh{steps: map[string]struct{}{}} }

// reuse lets def take from the cache what has run already.
func (f *Fresh) reuse(def *pb.Definition) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for dgst, meta := range def.Metadata {
		if _, ran := f.steps[dgst]; ran {
			meta.IgnoreCache = false
		}
	}
}

// add notes that def has run. What [fresh.reuse] saw to stays noted.
func (f *Fresh) add(def *pb.Definition) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for dgst, meta := range def.Metadata {
		if meta.GetIgnoreCache() {
			f.steps[dgst] = struct{}{}
		}
	}
}

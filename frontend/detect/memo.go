package detect

import (
	"context"
	"slices"
	"sync"

	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/tonistiigi/fsutil/types"
)

// crossings are folders through which most ways lead and in which little is:
// they are listed as a whole.
var crossings = []string{"/", "/usr", "/usr/local"}

// Memo returns files that are not asked twice for the same. They must not
// change.
func Memo(files Files) Files {
	return &memo{files: files, known: map[client.ReadDirRequest][]*types.Stat{}}
}

type memo struct {
	files Files

	mu    sync.Mutex
	known map[client.ReadDirRequest][]*types.Stat
}

// ReadDir asks for what is not known yet.
func (m *memo) ReadDir(ctx context.Context, req client.ReadDirRequest) ([]*types.Stat, error) {
	// Requests are short: that one waits for another costs less than to ask.
	m.mu.Lock()
	defer m.mu.Unlock()
	whole := client.ReadDirRequest{Path: req.Path}
	if entries, ok := m.known[whole]; ok {
		return entries, nil
	}
	if slices.Contains(crossings, req.Path) {
		// It fails for a name that is no UTF-8; what is asked for still can be
		// had then.
		if entries, err := m.ask(ctx, whole); err == nil {
			return entries, nil
		}
	}
	return m.ask(ctx, req)
}

func (m *memo) ask(ctx context.Context, req client.ReadDirRequest) ([]*types.Stat, error) {
	if entries, ok := m.known[req]; ok {
		return entries, nil
	}
	entries, err := m.files.ReadDir(ctx, req)
	if err == nil {
		m.known[req] = entries
	}
	return entries, err
}

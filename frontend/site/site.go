package site

import (
	"context"
	"fmt"
	"os"
	"path"

	"github.com/org/dt-frontend/frontend/detect"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
	"github.com/tonistiigi/fsutil/types"
)

// Sites is what an app has where our layers go.
type Sites struct {
	// Agent is where the agent and the start helper go, and CA is where the
	// certificates go.
	Agent, CA Site
	// Leftovers are files that an agent left in the app, outside of its directory.
	Leftovers []string
}

// Site is what an app has where one kind of layer goes.
type Site struct {
	// Odd is the first of the directories above that a merge of a layer would
	// change: a merge turns a symlink into a directory, and takes away mode and
	// owner of another directory. It is "" where there is none.
	Odd string
	// Occupied says that the app has what the layer brings: an agent of ours or
	// of others, or certificates.
	Occupied bool
	// Blocked is the first of the directories above that is a file, or "".
	Blocked string
}

// Look stats the places for the layers in the built app. A nil app is an
// empty image.
func Look(ctx context.Context, app detect.Files) (at Sites, err error) {
	if app == nil {
		return Sites{}, nil
	}
	// What else an app has in these directories is its own.
	if at.Agent, err = look(ctx, app, agent.Root, dtllb.Owned...); err != nil {
		return at, err
	}
	if blocked := at.Agent.Blocked; blocked != "" {
		return at, &notice.Error{Message: fmt.Sprintf("%s in the image is a file; OneAgent lies in %s, so it must be a directory", blocked, agent.Root)}
	}
	if at.CA, err = look(ctx, app, path.Dir(agent.CustomCAPath), agent.CustomCAPath); err != nil {
		return at, err
	}
	at.Leftovers, err = leftovers(ctx, app)
	return at, err
}

// look looks at dir and all directories above it, and for names in it.
func look(ctx context.Context, app detect.Files, dir string, names ...string) (s Site, err error) {
	for _, above := range ancestors(dir) {
		st, err := detect.Stat(ctx, app, above)
		if err != nil || st == nil {
			return s, err
		}
		mode := os.FileMode(st.Mode)
		if mode&os.ModeSymlink == 0 && !mode.IsDir() {
			s.Blocked = above
			return s, nil
		}
		if s.Odd == "" && !isPlain(st) {
			s.Odd = above
		}
	}
	for _, name := range names {
		st, err := detect.Stat(ctx, app, name)
		if err != nil {
			return s, err
		}
		s.Occupied = s.Occupied || st != nil
	}
	return s, nil
}

// ancestors are the directories of an absolute path, the highest first and
// without the root.
func ancestors(dir string) []string {
	if dir == "/" {
		return nil
	}
	return append(ancestors(path.Dir(dir)), dir)
}

// isPlain reports whether a layer's directory leaves one of an app as it is.
func isPlain(st *types.Stat) bool {
	mode := os.FileMode(st.Mode)
	return mode.IsDir() && mode.Perm() == 0o755 && st.Uid == 0 && st.Gid == 0 &&
		mode&(os.ModeSetuid|os.ModeSetgid|os.ModeSticky) == 0
}

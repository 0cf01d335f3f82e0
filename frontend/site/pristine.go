package site

import (
	"context"
	"os"
	"path"

	"github.com/org/dt-frontend/frontend/detect"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/links"
	"github.com/tonistiigi/fsutil/types"
)

// IsPristine reports whether the agent in the app is as its layer has it: no
// step of a Dockerfile changed, added or removed something. In the layer
// everything has the epoch as its time and belongs to root, and whatever changes
// a directory changes its time.
func IsPristine(ctx context.Context, app detect.Files, in agent.Installed) (bool, error) {
	root, err := detect.Stat(ctx, app, agent.Dir)
	if err != nil || root == nil || !root.IsDir() || !isEpoch(root) {
		return false, err
	}
	files := 0
	for dirs := []string{agent.Dir}; len(dirs) > 0; dirs = dirs[1:] {
		entries, err := detect.List(ctx, app, dirs[0])
		if err != nil {
			return false, err
		}
		for _, st := range entries {
			name := path.Join(dirs[0], st.Path)
			switch {
			case !isEpoch(st), !st.IsDir() && links.IsLeftover(name):
				return false, nil
			case st.IsDir():
				dirs = append(dirs, name)
			case os.FileMode(st.Mode).IsRegular():
				files++
			}
		}
	}
	// Fewer files were removed in a way that left no trace. Names of one file
	// count once in the layer, and an agent image does not say how many it has.
	return files >= in.Files, nil
}

func isEpoch(st *types.Stat) bool { return st.ModTime == 0 && st.Uid == 0 && st.Gid == 0 }

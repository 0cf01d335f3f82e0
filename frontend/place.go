package frontend

import (
	"context"
	"os"
	"path"

	"github.com/org/dt-frontend/frontend/detect"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
	"github.com/tonistiigi/fsutil/types"
)

// place is what an app has where the agent goes.
type place struct {
	// plain says that /opt is a folder that a layer with /opt in it leaves as
	// it is, or absent. A merge would turn a symlink into a folder, and take
	// the mode and owner of any other away.
	plain bool
	// occupied says that there is an agent of ours, or of others, already.
	occupied bool
}

// lookAt stats the place for the agent in the built app. A nil app is an empty
// image.
func lookAt(ctx context.Context, app detect.Files) (place, error) {
	if app == nil {
		return place{plain: true}, nil
	}
	opt, err := detect.Stat(ctx, app, path.Dir(agent.Root))
	if err != nil || opt == nil {
		return place{plain: true}, err
	}
	p := place{plain: isPlain(opt)}
	if mode := os.FileMode(opt.Mode); mode&os.ModeSymlink == 0 && !mode.IsDir() {
		return p, &failure{message: "/opt in the image is a file; OneAgent lies in /opt/dynatrace, so it has to be a folder"}
	}
	root, err := detect.Stat(ctx, app, agent.Root)
	if err != nil || root == nil {
		return p, err
	}
	// What else an app has in there is its own.
	p.plain = p.plain && isPlain(root)
	for _, name := range dtllb.Owned {
		st, err := detect.Stat(ctx, app, name)
		if err != nil {
			return p, err
		}
		p.occupied = p.occupied || st != nil
	}
	return p, nil
}

func isPlain(st *types.Stat) bool {
	mode := os.FileMode(st.Mode)
	return mode.IsDir() && mode.Perm() == 0o755 && st.Uid == 0 && st.Gid == 0 &&
		mode&(os.ModeSetuid|os.ModeSetgid|os.ModeSticky) == 0
}

package frontend

import (
	"context"
	"fmt"
	"os"

	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/tonistiigi/fsutil/types"
)

// place is what an app has where the agent goes.
type place struct {
	// plain says that /opt is a folder that a layer with /opt in it leaves as
	// it is, or absent. A merge would turn a symlink into a folder, and take
	// the mode and owner of any other away.
	plain bool
	// occupied says that there is something at /opt/dynatrace already.
	occupied bool
}

// lookAt stats the place for the agent in the built app. A nil app is an empty
// image.
func lookAt(ctx context.Context, app client.Reference) (place, error) {
	if app == nil {
		return place{plain: true}, nil
	}
	opt, err := statIn(ctx, app, "/", "opt")
	if err != nil || opt == nil {
		return place{plain: true}, err
	}
	p := place{plain: isPlain(opt)}
	if !p.plain && os.FileMode(opt.Mode)&os.ModeSymlink == 0 && !os.FileMode(opt.Mode).IsDir() {
		return p, &failure{message: "/opt in the image is a file; OneAgent lies in /opt/dynatrace, so it has to be a folder"}
	}
	dynatrace, err := statIn(ctx, app, "/opt", "dynatrace")
	p.occupied = dynatrace != nil
	return p, err
}

func isPlain(st *types.Stat) bool {
	mode := os.FileMode(st.Mode)
	return mode.IsDir() && mode.Perm() == 0o755 && st.Uid == 0 && st.Gid == 0 &&
		mode&(os.ModeSetuid|os.ModeSetgid|os.ModeSticky) == 0
}

// statIn returns what name is in folder dir, or nil if there is none. A listing
// tells the two apart; the error of a stat loses its kind on the way here.
func statIn(ctx context.Context, ref client.Reference, dir, name string) (*types.Stat, error) {
	entries, err := ref.ReadDir(ctx, client.ReadDirRequest{Path: dir, IncludePattern: name})
	if err != nil {
		return nil, fmt.Errorf("looking for %s/%s in the app: %w", dir, name, err)
	}
	for _, st := range entries {
		if st.Path == name {
			return st, nil
		}
	}
	return nil, nil
}

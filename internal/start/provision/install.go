package provision

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/variable"
	"github.com/org/dt-frontend/internal/deploy"
)

// Install returns the agent that was ordered, and installs it where it is not
// in place. What it has not finished it removes.
func (p *Provisioner) Install(ctx context.Context, client *deploy.Client, o Order) (*Agent, error) {
	if a, ok := p.Find(o); ok {
		return a, nil
	}
	f, err := p.choose(o)
	if err != nil {
		return nil, err
	}
	defer f.close()
	s := p.watch(o)
	defer s.stop()
	unlock, err := f.lock(ctx, s.waiting)
	if err != nil {
		return nil, err
	}
	defer unlock()
	// Whoever had the lock may have done the work.
	if a := f.find(o); a != nil {
		return a, nil
	}
	f.removeLeftovers()
	i := &installation{p: p, client: client, order: o, folder: f, status: s, work: workPrefix + rand.Text()}
	a, err := i.run(ctx)
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return nil, fmt.Errorf("there is no space for the agent in %s: make room, or name another folder in %s (%w)", f.path, variable.AgentDir, err)
	}
	return a, err
}

// choose returns the first folder that can be installed into.
func (p *Provisioner) choose(o Order) (*folder, error) {
	var reasons []string
	for _, c := range p.candidates(o) {
		f, err := c.open(true)
		if err == nil {
			if err = f.usable(); err == nil {
				return f, nil
			}
			f.close()
		}
		if errors.Is(err, fs.ErrNotExist) && c.kind == candidateTemporary {
			continue
		}
		reasons = append(reasons, c.dir+": "+cause(err).Error())
	}
	return nil, fmt.Errorf("there is no folder to install the agent into (%s): name one in %s", strings.Join(reasons, "; "), variable.AgentDir)
}

// cause strips operation and path from an error of a file, but for what we
// have said of it ourselves.
func cause(err error) error {
	if pe, ok := err.(*fs.PathError); ok { //nolint:errorlint // what wraps it says more
		return pe.Err
	}
	return err
}

// Folders of an installation, below its work folder.
const (
	prefixDir  = "prefix"
	scratchDir = "tmp"
	oldDir     = "old"
	packedFile = "installer"
	// vendorDir is where a script puts the agent, below its prefix.
	vendorDir = prefixDir + "/" + agent.Suffix
)

// installation is one that is under way.
type installation struct {
	p      *Provisioner
	client *deploy.Client
	order  Order
	folder *folder
	status *status
	work   string
}

func (i *installation) run(ctx context.Context) (*Agent, error) {
	root := i.folder.root
	if err := root.Mkdir(i.work, 0o700); err != nil {
		return nil, fmt.Errorf("making a folder to work in: %w", err)
	}
	defer root.RemoveAll(i.work) // the next start removes what is left
	if err := i.unpack(ctx); err != nil {
		return nil, err
	}
	i.status.say("checking")
	dir := path.Join(i.work, vendorDir)
	m, err := i.check(ctx, dir)
	if err != nil {
		return nil, err
	}
	if err := i.folder.mark(dir, m); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := i.moveIntoPlace(dir); err != nil {
		return nil, fmt.Errorf("moving the agent into place: %w", err)
	}
	return i.folder.agent(m), nil
}

// check opens the new agent's folder for [check].
func (i *installation) check(ctx context.Context, dir string) (*marker, error) {
	// The script may have left anything there.
	st, err := i.folder.root.Lstat(dir)
	if err != nil || !st.IsDir() {
		return nil, errors.New("the installer left no folder with an agent")
	}
	root, err := i.folder.root.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the installed agent: %w", err)
	}
	defer root.Close()
	return check(ctx, root, i.order, path.Join(i.folder.path, final) == agent.Dir)
}

// moveIntoPlace renames the new agent to where it belongs. Processes that have
// the library of an older one keep it: it loses its name and not its content.
func (i *installation) moveIntoPlace(dir string) error {
	root := i.folder.root
	err := root.Rename(dir, final)
	if !errors.Is(err, fs.ErrExist) && !errors.Is(err, syscall.ENOTEMPTY) {
		return err
	}
	old := path.Join(i.work, oldDir)
	if err := root.Rename(final, old); errors.Is(err, syscall.EXDEV) {
		// It is in a lower layer of the image, and cannot be moved.
		if err := root.RemoveAll(final); err != nil {
			return err
		}
		return root.Rename(dir, final)
	} else if err != nil {
		return err
	}
	if err := root.Rename(dir, final); err != nil {
		return errors.Join(err, root.Rename(old, final))
	}
	return nil
}

// path is where something of the work folder is, for those who do not know
// about roots.
func (i *installation) path(name string) string {
	return path.Join(i.folder.path, i.work, name)
}

// hasShell reports whether there is what the script needs.
func (p *Provisioner) hasShell() bool {
	st, err := os.Stat(p.Shell)
	return err == nil && st.Mode().IsRegular() && st.Mode()&0o111 != 0
}

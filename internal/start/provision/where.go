package provision

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/org/dt-frontend/internal/agent/variable"
)

// Where returns the folder that an agent would be installed into. It makes
// nothing.
func (p *Provisioner) Where(o Order) (string, error) {
	var reasons []string
	for _, c := range p.candidates(o) {
		dir, err := c.where()
		if err == nil {
			return path.Join(dir, final), nil
		}
		reasons = append(reasons, c.dir+": "+cause(err).Error())
	}
	return "", fmt.Errorf("there is no folder to install the agent into (%s): name one in %s", strings.Join(reasons, "; "), variable.AgentDir)
}

func (c candidate) where() (string, error) {
	f, err := c.open(false)
	if (err == nil || errors.Is(err, fs.ErrNotExist)) && c.kind == candidateTemporary && inMemory(c.dir) {
		if f != nil {
			f.close()
		}
		return "", errMemory
	}
	if err == nil {
		defer f.close()
		return f.path, f.usable()
	}
	if !errors.Is(err, fs.ErrNotExist) || c.kind == candidateVendor {
		return "", err
	}
	// A folder of ours would be made in it, or it itself in its parent.
	if f, err = openFolder(c.dir); err == nil {
		defer f.close()
		return path.Join(c.dir, ownName()), f.writable()
	}
	if c.kind != candidateChosen {
		return "", err
	}
	if f, err = openFolder(path.Dir(c.dir)); err != nil {
		return "", err
	}
	defer f.close()
	return c.dir, f.writable()
}

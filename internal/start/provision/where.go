package provision

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Where returns the folder that an agent would be installed into. It makes
// nothing.
func (p *Provisioner) Where(o Order) (string, error) {
	var reasons []string
	for _, place := range p.places(o) {
		dir, err := place.where()
		if err == nil {
			return path.Join(dir, final), nil
		}
		reasons = append(reasons, place.dir+": "+cause(err).Error())
	}
	return "", fmt.Errorf("there is no folder to install the agent into (%s): name one in DT_AGENT_DIR", strings.Join(reasons, "; "))
}

func (p place) where() (string, error) {
	f, err := p.open(false)
	if (err == nil || errors.Is(err, fs.ErrNotExist)) && p.kind == placeTemporary && inMemory(p.dir) {
		if f != nil {
			f.close()
		}
		return "", errMemory
	}
	if err == nil {
		defer f.close()
		return f.path, f.usable()
	}
	if !errors.Is(err, fs.ErrNotExist) || p.kind == placeVendor {
		return "", err
	}
	// A folder of ours would be made in it, or it itself in its parent.
	if f, err = openFolder(p.dir); err == nil {
		defer f.close()
		return path.Join(p.dir, ownName()), f.writable()
	}
	if p.kind != placeChosen {
		return "", err
	}
	if f, err = openFolder(path.Dir(p.dir)); err != nil {
		return "", err
	}
	defer f.close()
	return p.dir, f.writable()
}

package provision

import (
	"errors"
	"io/fs"
	"os"
	"path"

	"github.com/org/dt-frontend/internal/agent"
)

// trust adds the image's certificates, if it has any, to those that the agent
// has been given by its environment.
func (i *installation) trust(dir string) error {
	if i.order.CA == "" {
		return nil
	}
	added, err := os.ReadFile(i.p.CAFile)
	if err != nil {
		return err
	}
	root, name := i.folder.root, path.Join(dir, agent.CustomCA)
	all, err := root.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(all) > 0 {
		all = append(all, '\n')
	}
	// Anew: it may be a link to a file that others use, too.
	if err := root.RemoveAll(name); err != nil {
		return err
	}
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	if err := root.WriteFile(name, append(all, added...), 0o644); err != nil {
		return err
	}
	// Whatever the umask is.
	return errors.Join(root.Chmod(path.Dir(name), 0o755), root.Chmod(name, 0o644))
}

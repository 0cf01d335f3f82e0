package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
)

// current names the only version in an agent's directory. OneAgent's module for
// nginx is looked for under it.
//
// Source: the vendor's operator and bootstrapper make this symlink; no zip
// archive holds it.
const current = ModulesDir + "/current"

// LinkCurrent makes the symlink that names the version, unless it is there or
// the agent has no directory for the version.
func LinkCurrent(root *os.Root, version string) error {
	if st, err := root.Lstat(path.Join(ModulesDir, version)); err != nil || !st.IsDir() {
		return nil
	}
	if err := root.Symlink(version, current); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("naming the agent's version: %w", err)
	}
	return nil
}

package real

import (
	"crypto/sha256"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// minOwn is how large a file has to be to be the vendor's: what is smaller may
// be anybody's.
const minOwn = 64

// TestNothingOfTheVendorsIsHere: the agents' licence does not let this repository
// keep them, neither whole nor a file of theirs.
func TestNothingOfTheVendorsIsHere(t *testing.T) {
	modules := modulesOf(t)
	theirs := map[[sha256.Size]byte]string{}
	packages, err := filepath.Glob(filepath.Join(modules, "oneagent-*"))
	require.NoError(t, err)
	require.NotEmpty(t, packages)
	for _, dir := range packages {
		require.NoError(t, filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			dt, err := os.ReadFile(name)
			if len(dt) >= minOwn {
				theirs[sha256.Sum256(dt)] = name
			}
			return err
		}))
	}
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
	cmd.Dir = checkout
	out, err := cmd.Output()
	require.NoError(t, err)
	names := strings.Split(strings.Trim(string(out), "\x00"), "\x00")
	require.Greater(t, len(names), 100, "control: the checkout has files")
	for _, name := range names {
		dt, err := os.ReadFile(filepath.Join(checkout, name))
		if os.IsNotExist(err) {
			continue // it was removed, and nobody has committed that yet
		}
		require.NoError(t, err)
		require.Empty(t, theirs[sha256.Sum256(dt)], "%s is the vendor's", name)
	}
}

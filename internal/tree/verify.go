package tree

import (
	"fmt"
	"os"

	"github.com/org/dt-frontend/internal/links"
	"github.com/org/dt-frontend/internal/manifest"
)

// verify compares a small file with its checksum in the manifest.
func verify(root *os.Root, name string, sums manifest.Checksums) error {
	dt, err := manifest.ReadFile(root, name, links.MaxFile)
	if err != nil {
		return fmt.Errorf("the agent lacks %s, which its %s names: %w", name, manifest.File, err)
	}
	sum := manifest.NewHash()
	sum.Write(dt)
	return sums.Check(name, sum)
}

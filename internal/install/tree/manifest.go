package tree

import (
	"crypto/md5" //nolint:gosec // the manifest's checksums are MD5
	"encoding/hex"
	"errors"
	"io/fs"
	"os"

	"github.com/org/dt-frontend/internal/agent/links"
	"github.com/org/dt-frontend/internal/agent/manifest"
)

// writeManifest puts the manifest's text in place, with the checksums of the
// customised files as they are now. Those that the installer came with would not
// only be wrong, but tell environments apart.
func writeManifest(root *os.Root, text []byte) error {
	sums := map[string]string{}
	for _, name := range manifest.Customised {
		dt, err := manifest.ReadFile(root, name, links.MaxFile)
		switch {
		case name == manifest.File || errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return err
		}
		sum := md5.Sum(dt) //nolint:gosec // the manifest's checksums are MD5
		sums[name] = hex.EncodeToString(sum[:])
	}
	text, err := manifest.WithChecksums(text, sums)
	if err != nil {
		return err
	}
	return replaceFile(root, manifest.File, text)
}

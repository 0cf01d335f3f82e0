package manifest

import (
	"crypto/md5" //nolint:gosec // the manifest's checksums are MD5
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// Checksums are the MD5 that files may have, in hex, by their cleaned path. A
// file may stand under several technologies. A file without any must be there all
// the same.
type Checksums map[string][]string

// Checksums returns those of the files that are the same for every cluster. The
// manifest lists the templates of [Customised] files.
func (m *Manifest) Checksums() Checksums {
	sums := Checksums{}
	for _, e := range m.Entries() {
		switch name := path.Clean(e.Path); {
		case name == configuration:
			// It must be there, and may hold anything.
			sums[name] = nil
		case e.MD5 != "" && !IsCustomised(name):
			sums[name] = append(sums[name], strings.ToLower(e.MD5))
		}
	}
	return sums
}

// NewHash returns the hash that checksums are made with.
func NewHash() hash.Hash { return md5.New() } //nolint:gosec // see above

// Check compares what was read of a file with what it has to hold. A file that
// the manifest does not name may hold anything.
func (c Checksums) Check(name string, sum hash.Hash) error {
	if want := c[name]; len(want) > 0 && !slices.Contains(want, hex.EncodeToString(sum.Sum(nil))) {
		return fmt.Errorf("%s of the agent is not what its %s says: the installer is damaged", name, File)
	}
	return nil
}

// Missing returns an error where any are left; a walk deletes those that it
// meets. Files in directories that agents write into come and go, and so does
// the switch of the FIPS mode.
func (c Checksums) Missing() error {
	for _, name := range slices.Sorted(maps.Keys(c)) {
		if name != agent.FIPSDisabled && !agent.IsWritable(name) {
			return fmt.Errorf("the agent lacks %s, which its %s names", name, File)
		}
	}
	return nil
}

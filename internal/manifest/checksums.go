package manifest

import (
	"crypto/md5" //nolint:gosec // the manifest's checksums are MD5
	"encoding/hex"
	"fmt"
	"hash"
	"path"
	"strings"
)

// Checksums are the MD5 of files, in hex, by their cleaned path.
type Checksums map[string]string

// Checksums returns those that the manifest gives.
func (m *Manifest) Checksums() Checksums {
	sums := Checksums{}
	for _, e := range m.Entries() {
		if e.MD5 != "" {
			sums[path.Clean(e.Path)] = strings.ToLower(e.MD5)
		}
	}
	return sums
}

// NewHash returns the hash that checksums are made with.
func NewHash() hash.Hash { return md5.New() } //nolint:gosec // see above

// Check compares what was read of a file with what it has to hold. A file that
// the manifest does not name may hold anything.
func (c Checksums) Check(name string, sum hash.Hash) error {
	if want, ok := c[name]; ok && hex.EncodeToString(sum.Sum(nil)) != want {
		return fmt.Errorf("%s of the agent is not what its %s says: the installer is damaged", name, File)
	}
	return nil
}

// Missing returns an error where any are left; a walk deletes those that it
// meets.
func (c Checksums) Missing() error {
	for name := range c {
		return fmt.Errorf("the agent lacks %s, which its %s names", name, File)
	}
	return nil
}

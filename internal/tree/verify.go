package tree

import (
	"crypto/md5" //nolint:gosec // the manifest's checksums are MD5
	"encoding/hex"
	"fmt"
	"os"
)

// verify compares a small file with its checksum in the manifest.
func verify(root *os.Root, name, want string) error {
	dt, err := readFile(root, name, maxConf)
	if err != nil {
		return fmt.Errorf("the agent lacks %s, which its %s names: %w", name, manifestFile, err)
	}
	sum := md5.Sum(dt) //nolint:gosec // the manifest's checksums are MD5
	if hex.EncodeToString(sum[:]) != want {
		return fmt.Errorf("%s of the agent is not what its %s says: the installer is damaged", name, manifestFile)
	}
	return nil
}

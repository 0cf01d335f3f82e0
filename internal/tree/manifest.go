package tree

import (
	"bytes"
	"crypto/md5" //nolint:gosec // the manifest's checksums are MD5
	"encoding/hex"
	"path"

	"github.com/org/dt-frontend/internal/manifest"
)

// withChecksum returns the manifest's text raw with the checksum of a changed
// file. The old one would not only be wrong: it tells environments apart.
func withChecksum(m *manifest.Manifest, raw []byte, name string, content []byte) []byte {
	sum := md5.Sum(content) //nolint:gosec // the manifest's checksums are MD5
	for _, e := range m.Entries() {
		if e.MD5 != "" && path.Clean(e.Path) == name {
			raw = bytes.ReplaceAll(raw, []byte(`"`+e.MD5+`"`), []byte(`"`+hex.EncodeToString(sum[:])+`"`))
		}
	}
	return raw
}

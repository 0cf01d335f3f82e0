package archive

import (
	"archive/zip"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/org/dt-frontend/internal/untrusted/foreign"
)

const (
	// maxRatio is how many times larger than its zip an agent may be, beyond
	// what any may have.
	maxRatio  = 100
	freeBytes = 64 << 20
)

// check refuses what is too large before anything is written.
func check(z *zip.Reader, size int64) error {
	if err := checkFolders(z); err != nil {
		return err
	}
	most := uint64(foreign.MaxBytes)
	if size < (foreign.MaxBytes-freeBytes)/maxRatio {
		most = uint64(freeBytes + size*maxRatio)
	}
	left := most
	for _, f := range z.File {
		// What a file holds is not more than this: the zip's reader sees to it.
		if f.UncompressedSize64 > left {
			return fmt.Errorf("the archive of %d bytes holds more than %d; no agent's does", size, most)
		}
		left -= f.UncompressedSize64
	}
	return nil
}

// checkFolders counts them: the name of one file may need many.
func checkFolders(z *zip.Reader) error {
	seen := map[string]bool{".": true}
	for _, f := range z.File {
		name, err := cleanName(f.Name)
		if err != nil {
			return err
		}
		for dir := path.Dir(name); !seen[dir]; dir = path.Dir(dir) {
			seen[dir] = true
		}
		if len(seen) > foreign.MaxEntries {
			return fmt.Errorf("the archive holds more than %d folders; no agent has so many", foreign.MaxEntries)
		}
	}
	return nil
}

// cleanName refuses what an archive for another place, or of ill will, holds.
func cleanName(name string) (string, error) {
	clean := strings.TrimSuffix(name, "/")
	clean = strings.TrimPrefix(clean, "./")
	switch {
	case clean == "." || clean == "":
		if strings.HasPrefix(name, "/") || name == "" {
			return "", fmt.Errorf("the archive holds the name %.64q", name)
		}
		return ".", nil
	case path.Clean(clean) != clean, !fs.ValidPath(clean), strings.ContainsAny(clean, "\\\x00"):
		return "", fmt.Errorf("the archive holds the name %.64q, which leads elsewhere", name)
	case len(clean) > foreign.MaxPath || strings.Count(clean, "/") >= foreign.MaxDepth:
		return "", fmt.Errorf("the archive holds the name %.64q…, which is too long", name)
	}
	return clean, nil
}

package cluster

import (
	"crypto/md5" //nolint:gosec // what manifests hold
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// archive is what a tree is written to. Folders have no content.
type archive interface {
	add(f file, mode fs.FileMode, modified time.Time, content io.Reader) error
	Close() error
}

// pack writes the tree, its manifest last, since that needs all checksums.
func (t *tree) pack(a archive) error {
	for _, dir := range t.folders() {
		if err := t.packFile(a, file{path: dir, folder: true}, nil); err != nil {
			return err
		}
	}
	m := t.newManifest()
	for _, f := range t.files {
		if !f.folder {
			if err := t.packFile(a, f, m); err != nil {
				return err
			}
		}
	}
	for _, f := range t.hostile() {
		if err := t.packFile(a, f, nil); err != nil {
			return err
		}
	}
	if t.fault != FaultNoManifest {
		f, err := m.file()
		if err != nil {
			return fmt.Errorf("making the manifest: %w", err)
		}
		if err := t.packFile(a, f, nil); err != nil {
			return err
		}
	}
	return a.Close()
}

// folders are all folders of the tree, each after the one that it lies in.
func (t *tree) folders() []string {
	seen := map[string]bool{}
	for _, f := range t.files {
		dir := f.path
		if !f.folder {
			dir = path.Dir(dir)
		}
		for ; dir != "."; dir = path.Dir(dir) {
			seen[dir] = true
		}
	}
	var dirs []string
	for dir := range seen {
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	return dirs
}

func (t *tree) packFile(a archive, f file, m *manifest) error {
	var content io.Reader
	sum := md5.New() //nolint:gosec // see above
	if !f.folder && f.target == "" && f.hardlink == "" {
		r, err := f.body.open()
		if err != nil {
			return fmt.Errorf("opening %s: %w", f.path, err)
		}
		defer r.Close()
		content = io.TeeReader(r, sum)
	}
	if err := a.add(f, t.mode(f), t.modified(f.path), content); err != nil {
		return fmt.Errorf("packing %s: %w", f.path, err)
	}
	if m == nil {
		return nil
	}
	if t.fault == FaultBadChecksum && f.path == t.bin(t.platforms()[0], "oneagenthelper") {
		sum.Write([]byte("changed on its way"))
	}
	if f.template != "" {
		sum.Reset()
		sum.Write([]byte(f.template))
	}
	m.add(f, hex.EncodeToString(sum.Sum(nil)))
	return nil
}

// modified is some time on the day of the version.
func (t *tree) modified(path string) time.Time {
	day, err := time.Parse("20060102", strings.Split(t.spec.Version, ".")[3][:8])
	if err != nil {
		day = time.Unix(1700000000, 0).UTC()
	}
	return day.Add(time.Duration(dice(t.environment.name, "time", path).IntN(86400)) * time.Second)
}

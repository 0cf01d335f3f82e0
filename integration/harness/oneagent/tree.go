package oneagent

import (
	"crypto/md5" //nolint:gosec // what manifests hold
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// file is one file of an installer: on disk, or with content of its own.
type file struct {
	path    string // in the installer
	mode    fs.FileMode
	source  string
	content []byte // of what is filled in
}

func (f file) read() ([]byte, error) {
	if f.content != nil {
		return f.content, nil
	}
	return os.ReadFile(f.source)
}

// npmFiles are the package's and not the agent's.
var npmFiles = []string{"package.json", "README.md"}

// files are all files of an installer, sorted. Without links it is one with
// skipMetadata.
func (a *Agent) files(l *Links) ([]file, error) {
	files, err := walk(a.dir, "", npmFiles)
	if err != nil {
		return nil, err
	}
	if a.semverDir != "" {
		module, err := walk(a.semverDir, "agent/bin/"+a.Version+"/any/nodejs/node_modules/semver", nil)
		if err != nil {
			return nil, err
		}
		files = append(files, module...)
	}
	for i := range files {
		if err := a.fill(&files[i], files, l); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.path, b.path) })
	return files, nil
}

// fill replaces the content of a file that a cluster customises.
func (a *Agent) fill(f *file, all []file, l *Links) error {
	if f.path != envFile && f.path != confFile && f.path != manifestFile {
		return nil
	}
	content, err := f.read()
	if err != nil {
		return err
	}
	switch f.path {
	case envFile:
		f.content = a.fillEnv(content, l)
	case confFile:
		f.content, err = fillConf(content, l)
	case manifestFile:
		f.content, err = a.makeManifest(content, l, func(e entry) bool { return a.has(all, e) })
	}
	return err
}

// has reports whether the tree has the file of a manifest's entry. In the module
// that npm brings it must be the same file: npm used to write into package.json.
func (a *Agent) has(all []file, e entry) bool {
	i := slices.IndexFunc(all, func(f file) bool { return f.path == e.Path })
	if i < 0 {
		return false
	}
	if a.semverDir == "" || !strings.HasPrefix(all[i].source, a.semverDir+"/") {
		return true
	}
	content, err := all[i].read()
	sum := md5.Sum(content) //nolint:gosec // see above
	return err == nil && hex.EncodeToString(sum[:]) == e.MD5
}

// walk returns the files below dir, named as below prefix.
func walk(dir, prefix string, without []string) ([]file, error) {
	var files []file
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil || slices.Contains(without, rel) {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s is not a regular file", name)
		}
		files = append(files, file{path: filepath.ToSlash(filepath.Join(prefix, rel)), mode: info.Mode().Perm(), source: name})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading an agent's files: %w", err)
	}
	return files, nil
}

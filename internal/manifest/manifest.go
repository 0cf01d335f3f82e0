package manifest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// File is the manifest's name in an agent's folder.
const File = "manifest.json"

// maxSize bounds a manifest, in bytes. Real ones have a few hundred KB.
const maxSize = 16 << 20

// processTechnology is the group of the preload library.
const processTechnology = "process"

// Manifest is the part of manifest.json that matters here.
type Manifest struct {
	Version string `json:"version"`
	// Technologies are files by technology and then by platform, such as
	// linux-x86-64. Only that key is documented, so none is relied upon.
	Technologies map[string]map[string][]Entry `json:"technologies"`
}

// Entry is one file.
type Entry struct {
	Path       string `json:"path"`
	MD5        string `json:"md5"`
	BinaryType string `json:"binarytype"`
}

// Read returns the manifest of the agent in root, and its text.
func Read(root *os.Root) (*Manifest, []byte, error) {
	dt, err := ReadFile(root, File, maxSize)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, errors.New("the installer left no " + File)
	}
	if err != nil {
		return nil, nil, err
	}
	m, err := parse(dt)
	if err != nil {
		return nil, nil, err
	}
	return m, dt, nil
}

func parse(dt []byte) (*Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(dt, &m); err != nil {
		return nil, fmt.Errorf("the agent's %s is no valid JSON: %w", File, err)
	}
	if m.Version == "" {
		return nil, fmt.Errorf("the agent's %s names no version", File)
	}
	// The loader splits a list at some of these, and expands another.
	if lib := m.Preload(); !filepath.IsLocal(lib) || strings.ContainsAny(lib, " :$\t\n\v\f\r\x00") {
		return nil, fmt.Errorf("the agent's %s names a preload library that cannot be used", File)
	}
	return &m, nil
}

// ReadFile returns what a small regular file of an agent holds. An error that
// there is none is that of the file system.
func ReadFile(root *os.Root, name string, limit int64) ([]byte, error) {
	st, err := root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%s of the agent is no regular file", name)
	}
	if st.Size() > limit {
		return nil, fmt.Errorf("%s of the agent has more than %d bytes", name, limit)
	}
	return root.ReadFile(name)
}

// Entries returns every file, in the order of technologies and platforms.
func (m *Manifest) Entries() []Entry {
	var out []Entry
	for _, tech := range slices.Sorted(maps.Keys(m.Technologies)) {
		out = append(out, flatten(m.Technologies[tech])...)
	}
	return out
}

func flatten(platforms map[string][]Entry) []Entry {
	var out []Entry
	for _, p := range slices.Sorted(maps.Keys(platforms)) {
		out = append(out, platforms[p]...)
	}
	return out
}

// Monitors returns the technologies that the agent can monitor.
func (m *Manifest) Monitors() []string {
	var out []string
	for _, tech := range slices.Sorted(maps.Keys(m.Technologies)) {
		if tech != processTechnology {
			out = append(out, tech)
		}
	}
	return out
}

// Preload returns the path of the library to preload.
func (m *Manifest) Preload() string {
	for _, e := range flatten(m.Technologies[processTechnology]) {
		if e.BinaryType == "primary" {
			return path.Clean(e.Path)
		}
	}
	return agent.PreloadLibrary
}

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

// VersionFile has the agent's version, too. Some agents have it there alone.
//
// Source: the vendor's npm packages, whose manifest.json names no version.
const VersionFile = "agent/installer.version"

// maxVersionFile bounds it, in bytes. A version has some 25.
const maxVersionFile = 1 << 10

// Manifest is the part of manifest.json that matters here.
type Manifest struct {
	// Version is exact. [Read] takes it from [VersionFile] where manifest.json
	// has none.
	Version string `json:"version"`
	// Technologies are files by technology and then by platform, such as
	// linux-x86-64. Only that key is documented, so none is relied upon.
	Technologies map[string]map[string][]Entry `json:"technologies"`

	preload string
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
	var m Manifest
	if err := json.Unmarshal(dt, &m); err != nil {
		return nil, nil, fmt.Errorf("the agent's %s is not valid JSON: %w", File, err)
	}
	if err := m.readVersion(root); err != nil {
		return nil, nil, err
	}
	if err := m.findPreload(root); err != nil {
		return nil, nil, err
	}
	return &m, dt, nil
}

// readVersion looks for the version in both places. No error shows one: what
// stands there instead may be anything, a secret too.
func (m *Manifest) readVersion(root *os.Root) error {
	dt, err := ReadFile(root, VersionFile, maxVersionFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	switch version := strings.TrimSpace(string(dt)); {
	case version == "" && m.Version == "":
		return fmt.Errorf("the agent has no version: neither its %s nor its %s names one", File, VersionFile)
	case m.Version == "":
		m.Version = version
	case version != "" && version != m.Version && !strings.HasPrefix(m.Version, version+"."):
		return fmt.Errorf("the agent's %s and its %s name different versions: the installer is damaged", File, VersionFile)
	}
	return nil
}

// findPreload chooses the library to preload. An agent may have several.
func (m *Manifest) findPreload(root *os.Root) error {
	m.preload = agent.PreloadLibrary
	if st, err := root.Stat(m.preload); err == nil && st.Mode().IsRegular() {
		return nil
	}
	m.preload = m.primary()
	// The loader splits a list at some of these, and expands another.
	if !filepath.IsLocal(m.preload) || strings.ContainsAny(m.preload, " :$\t\n\v\f\r\x00") {
		return fmt.Errorf("the agent's %s names a preload library that cannot be used", File)
	}
	return nil
}

// ReadFile returns what a small regular file of an agent holds. An error that
// there is none is that of the file system.
func ReadFile(root *os.Root, name string, limit int64) ([]byte, error) {
	st, err := root.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%s of the agent is not a regular file", name)
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

// Preload returns the path of the library to preload. [Read] finds it.
func (m *Manifest) Preload() string { return m.preload }

// primary returns the library that the manifest names for preloading: for glibc
// where it can be chosen, and never for 32 bits where there is another.
func (m *Manifest) primary() string {
	library, best := agent.PreloadLibrary, -1
	for _, platform := range slices.Sorted(maps.Keys(m.Technologies[processTechnology])) {
		rank := 0
		switch agent.PlatformFlavor(platform) {
		case agent.FlavorDefault:
			rank = 2
		case agent.FlavorMusl:
			rank = 1
		}
		if rank <= best {
			continue
		}
		for _, e := range m.Technologies[processTechnology][platform] {
			if e.BinaryType == "primary" {
				library, best = path.Clean(e.Path), rank
				break
			}
		}
	}
	return library
}

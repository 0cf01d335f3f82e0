package tree

import (
	"bytes"
	"crypto/md5" //nolint:gosec // the manifest's checksums are MD5
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// manifestFile lists what belongs to an agent.
const manifestFile = "manifest.json"

// maxManifest bounds a manifest, in bytes. Real ones have a few hundred KB.
const maxManifest = 16 << 20

// processTechnology is the group of the preload library in a manifest.
const processTechnology = "process"

// manifest is the part of manifest.json that matters here.
type manifest struct {
	Version string `json:"version"`
	// Technologies are files by technology and then by platform, such as
	// linux-x86-64. Only that key is documented, so none is relied upon.
	Technologies map[string]map[string][]manifestEntry `json:"technologies"`
}

type manifestEntry struct {
	Path       string `json:"path"`
	MD5        string `json:"md5"`
	BinaryType string `json:"binarytype"`
}

func readManifest(root *os.Root) (*manifest, []byte, error) {
	dt, err := readFile(root, manifestFile, maxManifest)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, errors.New("the installer left no " + manifestFile)
	}
	if err != nil {
		return nil, nil, err
	}
	var m manifest
	if err := json.Unmarshal(dt, &m); err != nil {
		return nil, nil, fmt.Errorf("the agent's %s is no valid JSON: %w", manifestFile, err)
	}
	if m.Version == "" {
		return nil, nil, fmt.Errorf("the agent's %s names no version", manifestFile)
	}
	return &m, dt, nil
}

// checksums returns the MD5 that the manifest gives for files, in hex, by
// their cleaned path.
func (m *manifest) checksums() map[string]string {
	sums := map[string]string{}
	for _, e := range m.entries() {
		if e.MD5 != "" {
			sums[path.Clean(e.Path)] = strings.ToLower(e.MD5)
		}
	}
	return sums
}

// entries returns every entry, in the order of technologies and platforms.
func (m *manifest) entries() []manifestEntry {
	var out []manifestEntry
	for _, tech := range slices.Sorted(maps.Keys(m.Technologies)) {
		out = append(out, flatten(m.Technologies[tech])...)
	}
	return out
}

func flatten(platforms map[string][]manifestEntry) []manifestEntry {
	var out []manifestEntry
	for _, p := range slices.Sorted(maps.Keys(platforms)) {
		out = append(out, platforms[p]...)
	}
	return out
}

// technologies returns what the agent can monitor.
func (m *manifest) technologies() []string {
	var out []string
	for _, tech := range slices.Sorted(maps.Keys(m.Technologies)) {
		if tech != processTechnology {
			out = append(out, tech)
		}
	}
	return out
}

// preload returns the path of the library to preload.
func (m *manifest) preload() string {
	for _, e := range flatten(m.Technologies[processTechnology]) {
		if e.BinaryType == "primary" {
			return path.Clean(e.Path)
		}
	}
	return agent.PreloadLibrary
}

// withChecksum returns the manifest's text raw with the checksum of a changed
// file. The old one would not only be wrong: it tells environments apart.
func (m *manifest) withChecksum(raw []byte, name string, content []byte) []byte {
	sum := md5.Sum(content) //nolint:gosec // the manifest's checksums are MD5
	for _, e := range m.entries() {
		if e.MD5 != "" && path.Clean(e.Path) == name {
			raw = bytes.ReplaceAll(raw, []byte(`"`+e.MD5+`"`), []byte(`"`+hex.EncodeToString(sum[:])+`"`))
		}
	}
	return raw
}

// removeManifestLinks returns dt without the members of the top object that tie
// it to a cluster, and their values. Members keep their order and their text.
func removeManifestLinks(dt []byte) ([]byte, []link, error) {
	dec := json.NewDecoder(bytes.NewReader(dt))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return nil, nil, fmt.Errorf("the agent's %s is no JSON object", manifestFile)
	}
	var (
		out   bytes.Buffer
		links []link
	)
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, nil, fmt.Errorf("reading %s: %w", manifestFile, err)
		}
		key := tok.(string)
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, nil, fmt.Errorf("reading %s: %w", manifestFile, err)
		}
		if kind, ok := manifestKeys[strings.ToLower(key)]; ok {
			links = append(links, linksIn(kind, raw)...)
			continue
		}
		if out.Len() > 0 {
			out.WriteString(",")
		}
		name, err := json.Marshal(key)
		if err != nil {
			return nil, nil, fmt.Errorf("writing %s: %w", manifestFile, err)
		}
		fmt.Fprintf(&out, "\n  %s: %s", name, raw)
	}
	return append(append([]byte("{"), out.Bytes()...), "\n}\n"...), links, nil
}

// linksIn returns the values of a string or a list of strings.
func linksIn(kind linkKind, raw json.RawMessage) []link {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []link{{kind, one}}
	}
	var many []string
	if json.Unmarshal(raw, &many) != nil {
		return nil
	}
	var out []link
	for _, v := range many {
		out = append(out, link{kind, v})
	}
	return out
}

package verify

import (
	"archive/tar"
	"debug/elf"
	"encoding/json"
	"path"
	"strings"

	digest "github.com/opencontainers/go-digest"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/library"
	"github.com/org/dt-frontend/internal/agent/links"
	"github.com/org/dt-frontend/internal/agent/manifest"
	"github.com/org/dt-frontend/internal/agent/moduleconfig"
	"github.com/org/dt-frontend/internal/untrusted/elfhead"
)

// maxManifest bounds an agent's manifest.json, in bytes. Real ones have some
// hundred kilobytes, and reading one takes many times its size.
const maxManifest = 2 << 20

// Names by which an agent is found, wherever it is installed.
const (
	wrapperName  = "dynatrace-agent64.sh"
	preloadFile  = "etc/ld.so.preload"
	whiteout     = ".wh."
	whiteoutMeta = ".wh..wh."
	opaque       = ".wh..wh..opq"
)

// agentFolder is where this product puts the agent, as archives have it.
var agentFolder = strings.TrimPrefix(agent.Dir, "/")

// facts is what a layer does to the image's files, as far as it matters for the
// agent.
type facts struct {
	budget *budget
	// files are those that matter, by path.
	files map[string]*fact
	// gone are paths that the layer removes with all below them, emptied ones
	// those of which it removes only what is below.
	gone    map[string]bool
	emptied map[string]bool
	// all says that every file of the agent matters, and each way to it.
	all bool
	// customCA names the files with certificates of authorities, where an agent
	// may read them.
	customCA map[string]bool
	// symlinks are the layer's, by path, and folders those of all its files.
	symlinks map[string]string
	folders  map[string]bool
	// content is the diff ID that an agent layer in the form of eStargz had
	// before, and index the digest of its index.
	content, index digest.Digest
}

// fact is what is known of a file.
type fact struct {
	dir bool
	// manifest is set for an agent's.
	manifest *summary
	// binary says of a preload library that it begins as one.
	binary bool
	// libc is the flavor of a preload library that can be told.
	libc agent.Flavor
	// ca is the digest of a file with certificates of authorities that an agent
	// trusts.
	ca digest.Digest
	// text is the content of a small file that matters.
	text string
	// merged says of an agent's configuration that an environment's is in it.
	merged bool
}

// summary is what is kept of an agent's manifest.
type summary struct {
	version      string
	technologies []string
}

func newFacts(all bool, b *budget) *facts {
	return &facts{
		budget: b, files: map[string]*fact{}, gone: map[string]bool{}, emptied: map[string]bool{},
		all: all, symlinks: map[string]string{}, folders: map[string]bool{}, customCA: map[string]bool{},
	}
}

// entry notes a file, folder or link.
func (f *facts) entry(name string, h *tar.Header) error {
	if err := f.budget.work(len(h.PAXRecords)); err != nil {
		return err
	}
	dir, base := path.Split(name)
	dir = strings.TrimSuffix(dir, "/")
	if err := f.notePath(name, dir, h); err != nil {
		return err
	}
	switch {
	case base == opaque:
		return f.note(f.emptied, dir)
	case strings.HasPrefix(base, whiteoutMeta):
		return nil
	case strings.HasPrefix(base, whiteout):
		return f.note(f.gone, path.Join(dir, strings.TrimPrefix(base, whiteout)))
	}
	isDir := h.Typeflag == tar.TypeDir
	if !isDir && isIn(agentFolder, name) {
		// A file takes the place of a directory.
		if err := f.note(f.emptied, name); err != nil {
			return err
		}
	}
	if f.matters(name) {
		if err := f.add(name, isDir); err != nil {
			return err
		}
	}
	if platform, ok := platformDir(name); ok && f.files[platform] == nil {
		return f.add(platform, true)
	}
	return nil
}

// notePath notes the ways to a file: the directory that it is in, and symlinks.
func (f *facts) notePath(name, dir string, h *tar.Header) error {
	if f.all {
		if err := f.note(f.folders, dir); err != nil {
			return err
		}
	}
	if h.Typeflag != tar.TypeSymlink || !f.all && !mayLead(name, h.Linkname) {
		return nil
	}
	f.symlinks[name] = h.Linkname
	return f.budget.Keep(name + h.Linkname)
}

// note adds a path to a set.
func (f *facts) note(set map[string]bool, name string) error {
	if set[name] {
		return nil
	}
	set[name] = true
	return f.budget.Keep(name)
}

// add adds a file. A second one of the same path takes the place of the first.
func (f *facts) add(name string, isDir bool) error {
	known := f.files[name]
	f.files[name] = &fact{dir: isDir}
	if known != nil {
		return nil
	}
	return f.budget.Keep(name)
}

// mayLead reports whether a symlink may be part of the way to an agent. To
// overlook one is safe: what lies behind it counts as missing.
func mayLead(name, target string) bool {
	const maxDepth, maxLength = 6, 256
	return strings.Count(name, "/") < maxDepth && len(name)+len(target) <= maxLength
}

// matters reports whether a path is one that tells of an agent.
func (f *facts) matters(name string) bool {
	switch path.Base(name) {
	case agent.ProcessLibrary, wrapperName, path.Base(agent.StartPath), path.Base(agent.SettingsPath), manifest.File, path.Base(moduleconfig.File),
		path.Base(manifest.VersionFile):
		return true
	}
	return name == preloadFile || isCustomCA(name) || isAgentsLibrary(name) || f.all && isIn(name, agentFolder)
}

// isAgentsLibrary reports whether a path may be that of a library that dt-start
// preloads, which an agent's manifest can give another name.
func isAgentsLibrary(name string) bool {
	return strings.HasSuffix(name, ".so") && strings.Contains("/"+name, "/"+agent.Suffix+"/agent/lib")
}

// platformDir returns the directory of an agent's code modules for one platform
// that a path is in or is itself.
func platformDir(name string) (dir string, ok bool) {
	const modules = "/" + agent.ModulesDir + "/"
	i := strings.LastIndex(name, modules)
	if i < 0 {
		return "", false
	}
	at := i + len(modules)
	// A directory of a version may be in between.
	for range 2 {
		part, rest, more := strings.Cut(name[at:], "/")
		if agent.PlatformFlavor(part) != "" {
			return name[:at+len(part)], true
		}
		if !more {
			break
		}
		at = len(name) - len(rest)
	}
	return "", false
}

// isIn reports whether name is dir or below it.
func isIn(name, dir string) bool {
	return name == dir || strings.HasPrefix(name, dir+"/")
}

// file notes what a file holds.
func (f *facts) file(name string, content *file) error {
	known := f.files[name]
	if known == nil {
		return nil
	}
	switch base := path.Base(name); {
	case base == agent.ProcessLibrary:
		head := make([]byte, len(elf.ELFMAG))
		_, err := content.kept.ReadAt(head, 0)
		known.binary = err == nil && string(head) == elf.ELFMAG
		if needed, err := elfhead.Needed(content.kept); err == nil {
			known.libc = library.FlavorOf(needed)
		}
	case base == path.Base(agent.SettingsPath), name == preloadFile, base == path.Base(manifest.VersionFile):
		if len(content.small) <= links.MaxFile {
			known.text = string(content.small)
			return f.budget.Keep(known.text)
		}
	case base == path.Base(moduleconfig.File):
		known.merged = moduleconfig.IsMerge(content.small)
	case base == manifest.File && len(content.small) <= maxManifest:
		var m manifest.Manifest
		if json.Unmarshal(content.small, &m) != nil || m.Technologies == nil {
			return nil
		}
		known.manifest = &summary{m.Version, m.Monitors()}
		for _, text := range append(m.Monitors(), m.Version) {
			if err := f.budget.Keep(text); err != nil {
				return err
			}
		}
	}
	return nil
}

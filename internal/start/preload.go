package start

import (
	"debug/elf"
	"path"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

const (
	varPreload     = agent.VarPreload
	preloadFile    = agent.PreloadFile
	processLibrary = agent.ProcessLibrary
)

// isOwn reports whether a library is the image's own. Whoever names it, the agent
// needs its details.
func (p *planner) isOwn(lib string) bool { return path.Clean(lib) == p.settings.Preload }

// isThere reports whether the loader would find a library.
func (p *planner) isThere(lib string) bool {
	return slices.ContainsFunc(agent.LibraryPaths(lib, p.user.get("LD_LIBRARY_PATH")), p.isBinary)
}

// isBinary reports whether a file begins as a program or a library does.
func (p *planner) isBinary(name string) bool {
	info, err := p.in.Files.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := p.in.Files.Open(name)
	if err != nil {
		// It cannot be read as this user: nobody can tell.
		return true
	}
	defer f.Close()
	head := make([]byte, len(elf.ELFMAG))
	_, err = f.ReadAt(head, 0)
	return err == nil && string(head) == elf.ELFMAG
}

// withoutMissing returns a list for the loader without an agent's libraries that
// are not there: the loader would print an error about them for each process.
// A list that has none stays as it is, and so does every list with
// DT_START_FORCE.
func (p *planner) withoutMissing(list string) string {
	if p.options.force {
		return list
	}
	var rest []string
	all := agent.Libraries(list)
	for _, lib := range all {
		if path.Base(lib) != processLibrary || p.isOwn(lib) || p.isThere(lib) {
			rest = append(rest, lib)
		}
	}
	if len(rest) == len(all) {
		return list
	}
	return strings.Join(rest, ":")
}

// preload appends the agent's library to a list that does not name it yet, as
// the vendor's own wrapper and operator do: the user's libraries keep their
// place.
func preload(lib, list string) string {
	named := agent.Libraries(list)
	switch {
	case len(named) == 0:
		return lib
	case slices.Contains(named, lib):
		return list
	}
	return list + ":" + lib
}

package verify

import (
	"maps"
	"path"
	"strings"
)

// maxHops bounds how many symlinks a path may go through, as the kernel does.
const maxHops = 40

// aliased reports whether a layer has files whose path goes through a symlink
// that leads to the agent's folder, or to one above it: they would be unpacked
// over the agent's own, whatever their names say. No builder makes such layers.
func aliased(layers []*layer) bool {
	all := map[string]string{}
	for _, l := range layers {
		maps.Copy(all, l.facts.symlinks)
		for dir := range l.facts.folders {
			real, ok := resolve(all, dir)
			if !ok || real != dir && real != "" && (isIn(real, agentFolder) || isIn(agentFolder, real)) {
				return true
			}
		}
	}
	return false
}

// resolve follows the symlinks in a path; false says that it is a loop.
func resolve(symlinks map[string]string, name string) (string, bool) {
	done, left := "", name
	for hops := 0; left != ""; {
		var part string
		part, left, _ = strings.Cut(left, "/")
		next := strings.TrimPrefix(path.Clean("/"+done+"/"+part), "/")
		target, ok := symlinks[next]
		if !ok {
			done = next
			continue
		}
		if hops++; hops > maxHops {
			return "", false
		}
		if path.IsAbs(target) {
			done = ""
		}
		// As it is: to clean it would skip symlinks in it.
		left = target + "/" + left
	}
	return done, true
}

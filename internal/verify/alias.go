package verify

import (
	"maps"
	"path"
	"strings"
)

// maxHops bounds how many symlinks a path may go through, as the kernel does.
const maxHops = 40

// aliased reports whether a layer has files whose path goes through a symlink
// that leads to the directory target, or to one above it: they would be unpacked
// over the files in target, whatever their names say. No builder makes such
// layers.
func aliased(layers []*layer, target string) bool {
	all := map[string]string{}
	for _, l := range layers {
		maps.Copy(all, l.facts.symlinks)
		for dir := range l.facts.folders {
			real, ok := resolve(all, dir)
			if !ok || real != dir && real != "" && (isIn(real, target) || isIn(target, real)) {
				return true
			}
		}
	}
	return false
}

// symlinks returns the symlinks of all layers.
func symlinks(layers []*layer) map[string]string {
	all := map[string]string{}
	for _, l := range layers {
		maps.Copy(all, l.facts.symlinks)
	}
	return all
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

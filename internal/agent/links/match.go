package links

import (
	"path"
	"strings"

	"github.com/org/dt-frontend/internal/agent/manifest"
)

// Match returns the file of [Files] that the path of any file system means: an
// agent may be installed anywhere.
func Match(name string) (File, bool) {
	for _, f := range Files {
		if endsWith(name, f.Path) || isOwn(f.Path) && path.Base(name) == path.Base(f.Path) {
			return f, true
		}
	}
	return File{}, false
}

// IsManifest reports whether a path may be that of an agent's manifest.
func IsManifest(name string) bool { return path.Base(name) == manifest.File }

// isOwn reports whether no other product has files of that name.
func isOwn(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(base, "dynatrace") || strings.HasPrefix(base, "ruxit")
}

// endsWith reports whether the last elements of a path are those of end.
func endsWith(name, end string) bool {
	return name == end || strings.HasSuffix(name, "/"+end)
}

package detect

import (
	"context"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/tonistiigi/fsutil/types"
)

// programs are the executables by which technologies are known. A version may
// follow the name, as in php8.2, php-fpm83 or node-20.
var programs = map[string]string{
	"java":    "java",
	"node":    "nodejs",
	"nodejs":  "nodejs",
	"nginx":   "nginx",
	"httpd":   "apache",
	"apache2": "apache",
	"php":     "php",
	"php-cgi": "php",
	"php-fpm": "php",
	"dotnet":  "dotnet",
}

// multicalls are programs that are many by other names. Busybox has a httpd of
// its own, which is not Apache's.
var multicalls = []string{"busybox", "toybox"}

// technologyOf returns the technology that a file's name tells, or "".
func technologyOf(name string) string {
	if tech, ok := programs[name]; ok {
		return tech
	}
	return programs[strings.TrimSuffix(strings.TrimRight(name, "0123456789."), "-")]
}

// isProgram reports whether an executable file is at an absolute path.
// Distributions lead to one over several symlinks, as in /etc/alternatives, and
// any of them may have been left behind where a stage was copied in parts.
func isProgram(ctx context.Context, files Files, name string) (bool, error) {
	real, st, err := Find(ctx, files, name)
	if err != nil || st == nil {
		return false, err
	}
	mode := os.FileMode(st.Mode)
	return mode.IsRegular() && mode.Perm()&0o111 != 0 && !slices.Contains(multicalls, path.Base(real)), nil
}

// isApplet reports whether st is a hard link to a multi-call program beside it.
// Of hard links the first that was listed is the others' target.
func isApplet(st *types.Stat, beside []*types.Stat) bool {
	first := func(st *types.Stat) string {
		if st.Linkname != "" && !isSymlink(st) {
			return st.Linkname
		}
		return st.Path
	}
	return slices.ContainsFunc(beside, func(other *types.Stat) bool {
		return slices.Contains(multicalls, other.Path) && first(other) == first(st)
	})
}

// candidates returns the entries of a folder among which programs may be. Of a
// folder in which one name is no UTF-8 the gateway lists nothing: then they are
// asked for by name.
func candidates(ctx context.Context, files Files, dir string) ([]*types.Stat, error) {
	entries, err := List(ctx, files, dir)
	if err == nil || ctx.Err() != nil {
		return entries, err
	}
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		found, err := files.ReadDir(ctx, client.ReadDirRequest{Path: dir, IncludePattern: name + "*"})
		if err != nil {
			return nil, err
		}
		entries = append(entries, found...)
	}
	return entries, nil
}

package foreign

import (
	"os"
	"path"
	"strings"
)

// maxLinks bounds how many symlinks lead to a file, as Linux does.
const maxLinks = 40

// CheckSymlink returns an [*Error] if the symlink name leads out of root, on
// whatever way: symlinks that each stay inside may lead out together. What does
// not exist may once be a folder. An absolute target is inside where it begins
// with home, the place that the tree will have; without home none is.
func CheckSymlink(root *os.Root, name, home string) error {
	here := parts(path.Dir(name))
	todo := []string{path.Base(name)}
	for links := 0; len(todo) > 0; {
		part := todo[0]
		todo = todo[1:]
		if part == ".." {
			if len(here) == 0 {
				return leadsOut(name)
			}
			here = here[:len(here)-1]
			continue
		}
		here = append(here[:len(here):len(here)], part)
		target, err := root.Readlink(path.Join(here...))
		if err != nil {
			continue // no symlink
		}
		if links++; links > maxLinks {
			return refuse("symlink %s leads in circles", shown(name))
		}
		here = here[:len(here)-1]
		if path.IsAbs(target) {
			var inside bool
			if target, inside = cutHome(target, home); !inside {
				return leadsOut(name)
			}
			here = nil
		}
		todo = append(parts(target), todo...)
	}
	return nil
}

// parts returns those of a path that lead anywhere. Unlike path.Clean it keeps
// each "..": what that leads to depends on what is before it.
func parts(p string) []string {
	var out []string
	for part := range strings.SplitSeq(p, "/") {
		if part != "" && part != "." {
			out = append(out, part)
		}
	}
	return out
}

func cutHome(target, home string) (string, bool) {
	if home == "" {
		return "", false
	}
	rest, ok := strings.CutPrefix(target, home)
	return rest, ok && (rest == "" || rest[0] == '/')
}

func leadsOut(name string) error {
	return refuse("symlink %s leads out of the agent's folder", shown(name))
}

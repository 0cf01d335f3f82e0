package verify

import (
	"path"
	"strings"
)

// maxHops bounds how many symlinks a path may go through, as the kernel does.
const maxHops = 40

// symlinkTree finds symlinks by their paths.
type symlinkTree struct {
	top    *turn
	budget *budget
	kept   int
}

// turn is a directory on the way to symlinks, or one of them.
type turn struct {
	below map[string]*turn
	// target is empty for a directory.
	target string
}

func newSymlinkTree(b *budget) *symlinkTree { return &symlinkTree{top: &turn{}, budget: b} }

// close gives back what the tree has taken of the budget.
func (t *symlinkTree) close() { t.budget.drop(t.kept) }

// add adds a layer's symlinks.
func (t *symlinkTree) add(links map[string]string) error {
	for name, target := range links {
		if err := t.budget.work(strings.Count(name, "/")); err != nil {
			return err
		}
		at := t.top
		for part := range strings.SplitSeq(name, "/") {
			next := at.below[part]
			if next == nil {
				if err := t.budget.keep(1); err != nil {
					return err
				}
				t.kept++
				next = &turn{}
				if at.below == nil {
					at.below = map[string]*turn{}
				}
				at.below[part] = next
			}
			at = next
		}
		at.target = target
	}
	return nil
}

// resolve follows the symlinks in a path; false says that it is a loop, or leads
// through more symlinks than the kernel follows.
func (t *symlinkTree) resolve(name string) (real string, ok bool, err error) {
	// The turns on the way, so that ".." finds the one above. One that leads to
	// no symlink is nil.
	parts, turns := []string{}, []*turn{t.top}
	for hops, left := 0, name; left != ""; {
		if err := t.budget.work(0); err != nil {
			return "", false, err
		}
		var part string
		part, left, _ = strings.Cut(left, "/")
		switch part {
		case "", ".":
			continue
		case "..":
			if len(parts) > 0 {
				parts, turns = parts[:len(parts)-1], turns[:len(turns)-1]
			}
			continue
		}
		var next *turn
		if at := turns[len(turns)-1]; at != nil {
			next = at.below[part]
		}
		if next == nil || next.target == "" {
			parts, turns = append(parts, part), append(turns, next)
			continue
		}
		if hops++; hops > maxHops {
			return "", false, nil
		}
		if path.IsAbs(next.target) {
			parts, turns = parts[:0], turns[:1]
		}
		// As it is: to clean it would skip symlinks in it.
		left = next.target + "/" + left
	}
	return strings.Join(parts, "/"), true, nil
}

// aliased reports whether a layer has files whose path goes through a symlink
// that leads to the directory target, or to one above it: they would be unpacked
// over the files in target, whatever their names say. No builder makes such
// layers.
func aliased(layers []*layer, target string, b *budget) (bool, error) {
	all := newSymlinkTree(b)
	defer all.close()
	for _, l := range layers {
		if err := all.add(l.facts.symlinks); err != nil {
			return false, err
		}
		for dir := range l.facts.folders {
			real, ok, err := all.resolve(dir)
			if err != nil {
				return false, err
			}
			if !ok || real != dir && real != "" && (isIn(real, target) || isIn(target, real)) {
				return true, nil
			}
		}
	}
	return false, nil
}

// real follows the symlinks of all layers in a path.
func real(layers []*layer, name string, b *budget) (to string, ok bool, err error) {
	all := newSymlinkTree(b)
	defer all.close()
	for _, l := range layers {
		if err := all.add(l.facts.symlinks); err != nil {
			return "", false, err
		}
	}
	return all.resolve(name)
}

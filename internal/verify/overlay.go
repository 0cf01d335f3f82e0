package verify

import (
	"maps"
	"slices"
	"strings"
)

// overlay is the image's file system as its layers leave it, as far as it
// matters for the agent.
type overlay struct {
	files map[string]owned
	// top finds the files below a directory.
	top    *branch
	budget *budget
	// kept counts what the overlay takes of the budget's facts.
	kept int
}

// owned is a file and the layer that it is from.
type owned struct {
	*fact
	layer *layer
}

// branch is one directory of an overlay, or a file.
type branch struct {
	below map[string]*branch
	// file is the path of a file, or empty.
	file string
}

// newOverlay puts layers on one another, the lowest first.
func newOverlay(layers []*layer, b *budget) (*overlay, error) {
	o := &overlay{files: map[string]owned{}, top: &branch{}, budget: b}
	for _, l := range layers {
		if err := o.add(l); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// close gives back what the overlay has taken of the budget.
func (o *overlay) close() { o.budget.drop(o.kept) }

// add puts a layer on top. What it removes is below it.
func (o *overlay) add(l *layer) error {
	for name := range l.facts.gone {
		if err := o.remove(name, true); err != nil {
			return err
		}
	}
	for name := range l.facts.emptied {
		if err := o.remove(name, false); err != nil {
			return err
		}
	}
	for name, f := range l.facts.files {
		if err := o.put(name, owned{f, l}); err != nil {
			return err
		}
	}
	return nil
}

// put adds a file.
func (o *overlay) put(name string, f owned) error {
	if err := o.budget.work(strings.Count(name, "/")); err != nil {
		return err
	}
	at := o.top
	for part := range strings.SplitSeq(name, "/") {
		next := at.below[part]
		if next == nil {
			if err := o.budget.keep(1); err != nil {
				return err
			}
			o.kept++
			next = &branch{}
			if at.below == nil {
				at.below = map[string]*branch{}
			}
			at.below[part] = next
		}
		at = next
	}
	at.file = name
	o.files[name] = f
	return nil
}

// remove removes all below a path, and the path itself if whole is true.
func (o *overlay) remove(name string, whole bool) error {
	if err := o.budget.work(strings.Count(name, "/")); err != nil {
		return err
	}
	at, above, last := o.top, (*branch)(nil), ""
	if name != "" {
		for part := range strings.SplitSeq(name, "/") {
			next := at.below[part]
			if next == nil {
				return nil
			}
			at, above, last = next, at, part
		}
	}
	// A file that is gone has no branch any more, so each is visited once.
	o.forget(at, whole)
	if whole && above != nil {
		delete(above.below, last)
		o.kept--
		o.budget.drop(1)
	}
	return nil
}

// forget removes the files of a branch. Its depth is that of a path.
func (o *overlay) forget(b *branch, own bool) {
	if own && b.file != "" {
		delete(o.files, b.file)
		b.file = ""
	}
	for _, below := range b.below {
		o.forget(below, true)
	}
	o.kept -= len(b.below)
	o.budget.drop(len(b.below))
	b.below = nil
}

// sorted returns the names of files in order.
func (o *overlay) sorted() []string { return slices.Sorted(maps.Keys(o.files)) }

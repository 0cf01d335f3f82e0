package verify

import (
	"path"
)

// overlay is the image's file system as its layers leave it, as far as it
// matters for the agent.
type overlay map[string]owned

// owned is a file and the layer that it is from.
type owned struct {
	*fact
	layer *layer
}

// newOverlay puts layers on one another, the lowest first.
func newOverlay(layers []*layer) overlay {
	o := overlay{}
	for _, l := range layers {
		o.add(l)
	}
	return o
}

// add puts a layer on top. What it removes is below it.
func (o overlay) add(l *layer) {
	if len(l.facts.gone)+len(l.facts.emptied) > 0 {
		for name := range o {
			if l.facts.removes(name) {
				delete(o, name)
			}
		}
	}
	for name, f := range l.facts.files {
		o[name] = owned{f, l}
	}
}

// removes reports whether the layer removes a path that a lower one has.
func (f *facts) removes(name string) bool {
	if f.gone[name] {
		return true
	}
	for name != "." {
		name = path.Dir(name)
		if f.gone[name] || f.emptied[name] || name == "." && f.emptied[""] {
			return true
		}
	}
	return false
}

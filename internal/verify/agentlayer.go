package verify

import (
	"fmt"
	"slices"

	digest "github.com/opencontainers/go-digest"
	"github.com/org/dt-frontend/internal/verify/lazy"
)

// checkAgentLayer says why the image's agent is not the content of one of the
// layers that were asked for, all of it and nothing else; "" says that it is.
//
// Certificates that the agent trusts lie apart from it, and have to be some of
// cas: whoever can add others can listen to what the agent sends.
//
// It goes by what the layers hold, and by no label: whoever can write to a
// builder's cache can write labels.
func (d *described) checkAgentLayer(want, cas []digest.Digest) (string, error) {
	if len(d.layers) == 1 && d.layers[0].ref.DiffID == "" {
		return "a folder has no layers", nil
	}
	at := -1
	for i, l := range d.layers {
		if !slices.Contains(want, l.ref.DiffID) && !slices.Contains(want, d.content(i)) {
			continue
		}
		if at >= 0 && l != d.layers[at] {
			return "more than one of its layers is an agent layer that was asked for", nil
		}
		at = i
	}
	switch {
	case at < 0 && d.AgentLayer == nil:
		return "there is no agent in it", nil
	case at < 0 && slices.ContainsFunc(d.layers, func(l *layer) bool { return slices.Contains(want, l.facts.content) }):
		return "its agent layer is in the form of eStargz, and the manifest names another index than the layer has: engines go by the index", nil
	case at < 0:
		return fmt.Sprintf("its agent layer is %s", d.AgentLayer.DiffID), nil
	}
	if behind, err := aliased(d.layers, agentFolder, d.budget); err != nil || behind {
		return "files of it lie behind a symlink that leads to the agent", err
	}
	for _, name := range d.files.sorted() {
		f := d.files.files[name]
		if !isIn(name, agentFolder) || f.dir || f.layer == d.layers[at] {
			continue
		}
		return fmt.Sprintf("another layer than %s has some of the agent's files", d.layers[at].ref.DiffID), nil
	}
	for name, f := range d.layers[at].facts.files {
		if isIn(name, agentFolder) && !f.dir && d.files.files[name].layer != d.layers[at] {
			return fmt.Sprintf("another layer removes some of the agent's files of %s", d.layers[at].ref.DiffID), nil
		}
	}
	return d.checkCertificates(cas)
}

// content returns the diff ID that a layer had before it was written in the form
// of eStargz, or "" for another form. An engine that loads such a layer file by
// file goes by the index whose digest the manifest names.
func (d *described) content(i int) digest.Digest {
	facts := d.layers[i].facts
	if facts.content == "" || d.image.Layers[i].Descriptor.Annotations[lazy.Annotation] != facts.index.String() {
		return ""
	}
	return facts.content
}

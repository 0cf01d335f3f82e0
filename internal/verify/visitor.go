package verify

import (
	"archive/tar"
	"context"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/untrusted/format"
	"github.com/org/dt-frontend/internal/untrusted/member"
	"github.com/org/dt-frontend/internal/verify/lazy"
)

// visitor looks at the layers of an image, one after the other.
type visitor struct {
	*audit
	ctx   context.Context
	layer *layer
	spool *spool
	// spools are for members of archives, by depth.
	spools []*spool
	// formats are those of archives, and windows the memory that is left for
	// decompressing them, in bytes.
	formats []member.Format
	windows int64
	// names are the shown names that were reported in this layer, so that what
	// lies in a folder of such a name is not reported with it.
	names map[string]bool
	// form follows the layer as an agent layer of eStargz.
	form *lazy.Layer
	// raw follows the layer as it is, and last is what was found in the last
	// file's content.
	raw  *raw
	last []scan.Finding
}

func newVisitor(a *audit) (*visitor, error) {
	s, err := newSpool(a.options.Temp, inMemory)
	if err != nil {
		return nil, err
	}
	return &visitor{audit: a, spool: s, formats: format.All(), windows: maxWindows}, nil
}

func (v *visitor) close() {
	v.spool.close()
	for _, s := range v.spools {
		s.close()
	}
}

// begin turns to another layer.
func (v *visitor) begin(ctx context.Context, l *layer) {
	v.ctx, v.layer, v.names = ctx, l, map[string]bool{}
	l.facts = newFacts(len(v.options.AgentLayers) > 0, v.budget)
	v.form = lazy.New()
	v.raw, v.last = newRaw(v), nil
}

// Raw looks at an archive as it is.
func (v *visitor) Raw(p []byte, content bool) { v.raw.write(p, content) }

// Packed looks at a compressed layer as it is stored.
func (v *visitor) Packed(p []byte) { v.raw.packed.Write(p) } // it never fails

// Entry looks at one file, its content and all that its header says.
func (v *visitor) Entry(h *tar.Header, content io.Reader) error {
	name := cleanName(h.Name)
	v.raw.file(v.shown(name))
	v.name(h.Name)
	v.headers(name, h)
	if err := v.layer.facts.entry(name, h); err != nil {
		return err
	}
	if !ofAgentLayer(name, h) {
		v.form.Stop()
	}
	f, err := v.spool.read(name, v.form.Entry(h, content), v.scanner.Stream())
	if err != nil {
		return err
	}
	if v.layer.part != PartLoose {
		v.report.Looked.Files++
	}
	if f.size > 0 {
		v.last = f.found
	}
	return v.file(name, f)
}

// Rest looks at what is no file of the layer's.
func (v *visitor) Rest(content io.Reader) error {
	f, err := v.spool.read("", v.form.Rest(content), v.scanner.Stream())
	if err != nil {
		return err
	}
	v.layer.facts.content, v.layer.facts.index = v.form.Content()
	v.last = f.found
	if f.size == 0 {
		return nil
	}
	return v.file("", f)
}

// ofAgentLayer reports whether a file may be one of an agent layer, which holds
// nothing else.
func ofAgentLayer(name string, h *tar.Header) bool {
	return isIn(name, agentFolder) || h.Typeflag == tar.TypeDir && isIn(agentFolder, name) || lazy.IsOwn(name)
}

// cleanName returns a path below the image's root, without a slash in front.
func cleanName(name string) string {
	return strings.TrimPrefix(path.Clean("/"+name), "/")
}

// name looks at a file's path.
func (v *visitor) name(name string) {
	found := v.scanner.String(name)
	if len(found) == 0 {
		return
	}
	for _, f := range found {
		v.raw.found(f)
	}
	shown, _, _ := strings.Cut(v.shown(cleanName(name)), hidden)
	if v.names[shown] {
		return
	}
	if len(v.names) < maxLeaks {
		v.names[shown] = true
	}
	for _, f := range found {
		v.found(Leak{Path: shown + hidden, Where: "in its name", Kind: f.Kind, Form: f.Form})
	}
}

// headers looks at what else an archive says of a file.
func (v *visitor) headers(name string, h *tar.Header) {
	for _, f := range v.scanner.String(h.Linkname) {
		v.found(Leak{Path: v.shown(name), Where: "in its target", Kind: f.Kind, Form: f.Form})
	}
	texts := []string{h.Uname, h.Gname}
	for _, key := range slices.Sorted(maps.Keys(h.PAXRecords)) {
		// Those that stand for fields were looked at.
		if key != "path" && key != "linkpath" {
			texts = append(texts, key, h.PAXRecords[key])
		}
	}
	for _, text := range texts {
		if text == "" {
			continue
		}
		for _, f := range v.scanner.String(text) {
			v.found(Leak{Path: v.shown(name), Where: "in its attributes", Kind: f.Kind, Form: f.Form})
		}
	}
}

// found notes a leak of this layer.
func (v *visitor) found(l Leak) {
	l.Part, l.Digest, l.Platforms = v.layer.part, v.layer.ref.Digest, v.layer.platforms
	if v.layer.part == PartLayer {
		l.Layer = &v.layer.ref
	}
	v.raw.found(scan.Finding{Kind: l.Kind, Form: l.Form})
	v.leak(l)
}

// unseen notes what could not be looked into, by what people are shown of it.
func (v *visitor) unseen(shown string, why string) {
	if len(v.report.Unseen) < maxUnseen {
		v.report.Unseen = append(v.report.Unseen, Unseen{Layer: v.layer.ref, Path: shown, Reason: why})
	}
}

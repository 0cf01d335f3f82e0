package verify

import (
	"archive/tar"
	"context"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/scan/search"
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
	search *search.Search
	// windows is the memory that is left for decompressing archives, in bytes.
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
	v := &visitor{audit: a, spool: s, windows: maxWindows}
	v.search = &search.Search{
		Scanner: a.scanner, Found: v.hits, Read: v.member,
		Unseen:   func(archive search.Location, err *member.Error) error { v.unseen(archive, err.Error()); return nil },
		Archives: member.Options{Formats: format.All(), Memory: &v.windows, Spend: a.budget.Unpacked},
	}
	return v, nil
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
	name := search.CleanName(h.Name)
	v.raw.file(v.search.File(name).File)
	v.entry(h)
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

// entry looks at a file's path, and at what else an archive says of it.
func (v *visitor) entry(h *tar.Header) {
	e := search.Entry{Name: h.Name, Target: h.Linkname, Attributes: []string{h.Uname, h.Gname}}
	for _, key := range slices.Sorted(maps.Keys(h.PAXRecords)) {
		// Those that stand for fields are looked at as such.
		if key != "path" && key != "linkpath" {
			e.Attributes = append(e.Attributes, key, h.PAXRecords[key])
		}
	}
	v.search.Entry(e)
}

// hits notes what the search found.
func (v *visitor) hits(at search.Location, in search.Part, found []scan.Finding) {
	if in == search.InName && at.Member == "" && v.isKnownName(&at, found) {
		return
	}
	where := leakAt(at)
	where.Where = string(in)
	for _, f := range found {
		where.Kind, where.Form = f.Kind, f.Form
		v.found(where)
	}
}

// isKnownName reports whether the name of a file was reported with what it lies
// in. It cuts the name behind the first part that holds a value.
func (v *visitor) isKnownName(at *search.Location, found []scan.Finding) bool {
	for _, f := range found {
		v.raw.found(f)
	}
	shown, _, _ := strings.Cut(at.File, scan.Hidden)
	if v.names[shown] {
		return true
	}
	if len(v.names) < maxLeaks {
		v.names[shown] = true
	}
	at.File = shown + scan.Hidden
	return false
}

// leakAt returns a leak that is yet to be told what it is.
func leakAt(at search.Location) Leak { return Leak{Path: at.File, Inside: at.Member} }

// found notes a leak of this layer.
func (v *visitor) found(l Leak) {
	l.Part, l.Digest, l.Platforms = v.layer.part, v.layer.ref.Digest, v.layer.platforms
	if v.layer.part == PartLayer {
		l.Layer = &v.layer.ref
	}
	v.raw.found(scan.Finding{Kind: l.Kind, Form: l.Form})
	v.leak(l)
}

// unseen notes what could not be looked into.
func (v *visitor) unseen(at search.Location, why string) {
	if len(v.report.Unseen) < maxUnseen {
		v.report.Unseen = append(v.report.Unseen, Unseen{Layer: v.layer.ref, Path: at.String(), Reason: why})
	}
}

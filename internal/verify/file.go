package verify

import (
	"bytes"

	"github.com/org/dt-frontend/internal/agent/links"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/untrusted/member"
)

const (
	// kindSettings is a file that as a whole belongs to an environment.
	kindSettings = "environment's settings"
	// kindRun is a file that tells of a run of an agent.
	kindRun = "what a run of an agent left"
)

// file looks at one file that was read.
func (v *visitor) file(name string, f *file) error {
	v.report.Looked.Bytes += f.size
	at := v.search.File(name)
	where := leakAt(at)
	if name == "" && v.layer.part == PartLayer {
		where.Where = "behind the end of its archive"
	}
	v.content(where, f.found)
	if f.small != nil {
		if err := v.structure(where, name, f.small); err != nil {
			return err
		}
	}
	switch {
	case f.size == 0:
	case isCustomCA(name) && v.certificates(where, name, f.small):
	case links.IsRunLeftover(name):
		where.Kind, where.Form = kindRun, "file"
		v.found(where)
	case links.IsLeftover(name), isCustomCA(name):
		where.Kind, where.Form = kindSettings, "file"
		v.found(where)
	}
	if f.tooLarge {
		v.unseen(at, member.ErrTooLarge.Error())
	}
	if f.kept == nil {
		return nil
	}
	if err := v.layer.facts.file(name, f); err != nil {
		return err
	}
	return v.archive(at, f)
}

// content notes what the scan of a file found.
func (v *visitor) content(where Leak, found []scan.Finding) {
	for _, f := range found {
		where.Kind, where.Form = f.Kind, f.Form
		v.found(where)
	}
}

// structure looks at a file by what it is: an agent's, or a statement, which
// has no name.
func (v *visitor) structure(where Leak, name string, dt []byte) error {
	if v.isDocument(name, dt) {
		return v.json(where, dt)
	}
	var found []links.Link
	if f, ok := links.Match(name); ok && len(dt) <= links.MaxFile {
		_, found = f.Split(dt)
	}
	if links.IsManifest(name) {
		// An error says that it is another product's.
		_, found, _ = links.SplitManifest(dt)
	}
	for _, l := range found {
		if l.Kind == links.Setting || l.IsExample() {
			continue
		}
		where.Kind, where.Form = string(l.Kind), "plain"
		v.found(where)
	}
	return nil
}

// isDocument reports whether a file may be a document of JSON that belongs to an
// image: a statement, or a document that no image names any more.
func (v *visitor) isDocument(name string, dt []byte) bool {
	dt = bytes.TrimLeft(dt, " \t\r\n")
	return name == "" && bytes.HasPrefix(dt, []byte("{")) || v.layer.part == PartLoose && len(dt) > 0 && bytes.IndexByte([]byte("{["), dt[0]) >= 0
}

// json looks at a statement.
func (v *visitor) json(where Leak, dt []byte) error {
	w := &jsonWalk{audit: v.audit, found: func(at, kind, form string) {
		l := where
		l.Path, l.Kind, l.Form = at, kind, form
		if where.Path != "" {
			l.Path = where.Path + ": " + at
		}
		v.found(l)
	}}
	_, err := w.walk(bytes.NewReader(dt), position{})
	return err
}

// isAgentFile reports whether a name may be that of an agent's file that holds
// links.
func isAgentFile(name string) bool {
	_, ok := links.Match(name)
	return ok || links.IsManifest(name)
}

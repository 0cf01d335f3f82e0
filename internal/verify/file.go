package verify

import (
	"bytes"
	"errors"
	"io"

	"github.com/org/dt-frontend/internal/links"
	"github.com/org/dt-frontend/internal/member"
	"github.com/org/dt-frontend/internal/scan"
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
	where := Leak{Path: v.shown(name)}
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
		v.unseen(name, member.ErrTooLarge.Error())
	}
	if f.kept == nil {
		return nil
	}
	if err := v.layer.facts.file(name, f); err != nil {
		return err
	}
	return v.members(name, f)
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
	if name == "" && bytes.HasPrefix(bytes.TrimLeft(dt, " \t\r\n"), []byte("{")) {
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

// json looks at a statement.
func (v *visitor) json(where Leak, dt []byte) error {
	w := &jsonWalk{audit: v.audit, found: func(at, kind, form string) {
		l := where
		l.Path, l.Kind, l.Form = at, kind, form
		v.found(l)
	}}
	_, err := w.walk(bytes.NewReader(dt), place{})
	return err
}

// members looks one level deep into a file that is an archive.
func (v *visitor) members(name string, f *file) error {
	shown := v.shown(name)
	// The budget ends the audit. A bound of the archive's own only ends the look
	// into it.
	err := member.Walk(v.ctx, f.kept, f.size, func(inside string, content io.Reader) error {
		if err := v.budget.work(0); err != nil {
			return err
		}
		content = counted{content, v.budget}
		where := Leak{Path: shown, Inside: v.shown(cleanName(inside))}
		for _, hit := range v.scanner.String(inside) {
			l := where
			l.Where, l.Kind, l.Form = "in its name", hit.Kind, hit.Form
			v.found(l)
		}
		stream := v.scanner.Stream()
		var small bytes.Buffer
		if isAgentFile(inside) {
			if _, err := io.Copy(io.MultiWriter(stream, &small), io.LimitReader(content, links.MaxFile)); err != nil {
				return err
			}
		}
		n, err := io.CopyBuffer(onlyWriter{stream}, onlyReader{content}, v.spool.block)
		if err != nil {
			return err
		}
		v.content(where, stream.Findings())
		if n == 0 && small.Len() > 0 {
			return v.structure(where, cleanName(inside), small.Bytes())
		}
		return nil
	})
	var partly *member.Error
	if errors.As(err, &partly) {
		v.unseen(name, partly.Error())
		return nil
	}
	return err
}

// isAgentFile reports whether a name may be that of an agent's file that holds
// links.
func isAgentFile(name string) bool {
	_, ok := links.Match(name)
	return ok || links.IsManifest(name)
}

// onlyReader and onlyWriter hide every other method: io.CopyBuffer uses its
// buffer only where neither side has a way of its own.
type (
	onlyReader struct{ io.Reader }
	onlyWriter struct{ io.Writer }
)

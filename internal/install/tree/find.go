package tree

import (
	"strings"

	"github.com/org/dt-frontend/internal/scan"
)

// place is a file of the tree, or a member of one that is an archive.
type place struct{ file, member string }

func (p *pass) find(at place, findings []scan.Finding, where string) {
	for _, f := range findings {
		if len(p.findings) < maxFindings {
			p.findings = append(p.findings, LeakedValue{Path: p.shown(at), Where: where, Finding: f})
		}
	}
}

// shown returns a place for people.
func (p *pass) shown(at place) string {
	if at.member == "" {
		return p.shownPath(at.file)
	}
	return p.shownPath(at.file) + "!" + p.shownPath(at.member)
}

// maxShown bounds a path for people: that of a member may be long.
const maxShown = 300

// shownPath returns a path without the parts that hold a value.
func (p *pass) shownPath(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		if len(p.scanner.String(part)) > 0 {
			parts[i] = "…"
		}
	}
	name = strings.Join(parts, "/")
	if len(p.scanner.String(name)) > 0 {
		return "…" // over several parts
	}
	if len(name) > maxShown {
		name = name[:maxShown] + "…"
	}
	return strings.ToValidUTF8(name, "\ufffd")
}

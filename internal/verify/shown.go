package verify

import (
	"strings"

	"github.com/org/dt-frontend/internal/scan"
)

// hidden stands for what holds a value.
const hidden = "…"

// maxShown bounds a text of the image in a report, in bytes.
const maxShown = 1000

// shown returns a path for people, without the parts that hold a value.
func (a *audit) shown(name string) string {
	if len(name) > maxShown {
		// Cut where a value might be, it would not be found any more.
		name = name[:maxShown/2]
		if i := strings.LastIndexByte(name, '/'); i >= 0 {
			name = name[:i+1]
		} else {
			name = ""
		}
		name += hidden
	}
	if len(a.scanner.String(name)) == 0 {
		return scan.Printable(name)
	}
	parts := strings.Split(name, "/")
	some := false
	for i, part := range parts {
		if len(a.scanner.String(part)) > 0 {
			parts[i], some = hidden, true
		}
	}
	if !some {
		return hidden // over several parts
	}
	return scan.Printable(strings.Join(parts, "/"))
}

// text returns a text of the image for people, unless it holds a value.
func (a *audit) text(s string) string {
	if s == "" {
		return ""
	}
	if len(s) > maxShown || len(a.scanner.String(s)) > 0 {
		return hidden
	}
	return scan.Printable(s)
}

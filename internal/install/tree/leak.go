package tree

import (
	"fmt"
	"strings"

	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/scan/search"
)

// maxFindings bounds a report. Who has so many does not need to know them all.
const maxFindings = 20

// LeakedValue is a value found where it must not be.
type LeakedValue struct {
	// Location is below the agent's directory.
	search.Location
	Part search.Part
	scan.Finding
}

// found notes values, up to the bound.
func (p *pass) found(at search.Location, in search.Part, found []scan.Finding) {
	for _, f := range found {
		if len(p.findings) < maxFindings {
			p.findings = append(p.findings, LeakedValue{at, in, f})
		}
	}
}

// LeakError says that a tree still holds values that must not be in it.
type LeakError struct {
	Values []LeakedValue
}

// Error names the files and the kinds of value, and never a value.
func (e *LeakError) Error() string {
	var b strings.Builder
	b.WriteString("the agent still holds what ties it to the environment: ")
	for i, v := range e.Values {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s (%s, %s", v.Location, v.Kind, v.Form)
		if v.Part != search.InContent {
			b.WriteString(", " + string(v.Part))
		}
		b.WriteString(")")
	}
	return b.String() + ". No image was made. " + whatToDo
}

// whatToDo is for people to whom a tree is refused that cannot be helped.
const whatToDo = "Pin another version of OneAgent, and report the file names to the maintainers of dt-frontend"

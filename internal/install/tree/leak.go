package tree

import (
	"fmt"
	"strings"

	"github.com/org/dt-frontend/internal/scan"
)

// maxFindings bounds a report. Who has so many does not need to know them all.
const maxFindings = 20

// LeakedValue is a value found where it must not be.
type LeakedValue struct {
	// Path is relative to the agent's folder; the name of an archive's member
	// follows an exclamation mark. An ellipsis stands for a part that is a value
	// itself.
	Path string
	// Where is empty for the file's content.
	Where string
	scan.Finding
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
		fmt.Fprintf(&b, "%s (%s, %s", v.Path, v.Kind, v.Form)
		if v.Where != "" {
			b.WriteString(", " + v.Where)
		}
		b.WriteString(")")
	}
	return b.String() + ". No image was made. " + whatToDo
}

// whatToDo is for people to whom a tree is refused that cannot be helped.
const whatToDo = "Pin another version of OneAgent, and report the file names to the maintainers of dt-frontend"

package links

import (
	"regexp"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent/variable"
)

// Variables are the environment variables that hold links.
var Variables = func() map[string]Kind {
	out := map[string]Kind{}
	for _, s := range variable.Secrets {
		if s.Kind.IsLink() {
			out[s.Name] = s.Kind
		}
	}
	return out
}()

// Assignment is a variable that is given a value.
type Assignment struct {
	Variable string
	Link
}

// assignment finds the beginning of NAME=VALUE, and of ${NAME:=VALUE}. The text
// before NAME must not belong to it.
var assignment = func() *regexp.Regexp {
	var names []string
	for name := range Variables {
		names = append(names, name)
	}
	slices.Sort(names)
	name := "(" + strings.Join(names, "|") + ")"
	return regexp.MustCompile(`(?:^|[^A-Za-z0-9_])` + name + `(?:\s+=\s+|=)|\$\{` + name + `:=`)
}()

const (
	// maxAssigned bounds one value, in bytes: a text of many assignments without a
	// separator would be read to its end for each.
	maxAssigned = 512
	// maxAssignments is how many are enough to say that a text holds some.
	maxAssignments = 100
)

// Assignments returns what a text such as a command line gives to [Variables],
// the first [maxAssignments] of it. A reference to another variable is not a
// value, and nor is an example.
func Assignments(text string) []Assignment {
	if !strings.Contains(text, variable.Prefix) {
		return nil
	}
	var out []Assignment
	for _, m := range assignment.FindAllStringSubmatchIndex(text, -1) {
		// A text of another's may have a quote that never ends behind each name.
		rest := text[m[1]:min(len(text), m[1]+maxAssigned)]
		name, value := m[2:4], firstWord(rest, separators)
		if name[0] < 0 {
			name, value = m[4:6], firstWord(rest, separators+"}")
		}
		assigned := text[name[0]:name[1]]
		for _, l := range withoutExamples(read(Variables[assigned], value)) {
			if a := (Assignment{assigned, l}); !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
		if len(out) >= maxAssignments {
			break
		}
	}
	return out
}

// firstWord returns the word of a shell that a text begins with. The text may
// itself stand within quotes, which end in the middle of it.
func firstWord(text, ends string) string {
	// A newline as another language writes it.
	if strings.HasPrefix(text, `\n`) {
		return ""
	}
	s := &shell{text: text}
	if s.word(ends, false, 0); !s.open {
		return string(s.out)
	}
	if text[0] == '"' || text[0] == '\'' {
		return text[1:]
	}
	if end := strings.IndexAny(text, ends+`"'`); end >= 0 {
		text = text[:end]
	}
	s = &shell{text: text}
	s.word(ends, false, 0)
	return string(s.out)
}

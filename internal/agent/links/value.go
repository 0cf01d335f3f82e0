package links

import (
	"regexp"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// placeholder is what a file holds that no cluster has filled in: {$tenant} in
// the vendor's templates, {{ .Values.tenant }} in those of others, and a mere
// reference to a variable. An endpoint list begins with a brace, too.
//
// Source: the vendor's npm packages, whose dynatrace-env.sh is such a template.
var placeholder = regexp.MustCompile(`^(\{\$\w+\}|\{\{.*\}\}|\$\w+|\$\{\w+\})$`)

// read returns the links that a value of a kind holds, as a file or a shell has
// it. A value that only a shell knows is not a link.
func read(kind Kind, value string) []Link {
	value = strings.Trim(value, " \t\r\n\"'")
	if placeholder.MatchString(value) {
		return nil
	}
	values := []string{strings.Trim(value, `"'{}`)}
	if kind == Endpoint {
		values = agent.Endpoints(value)
	}
	var out []Link
	for _, v := range values {
		if v != "" && !strings.HasPrefix(v, unknown) && !placeholder.MatchString(v) {
			out = append(out, Link{kind, v})
		}
	}
	return out
}

// IsExample reports whether the link's value is such as documentation has, and
// not an environment's: <your token>, %s, *****, or an ellipsis.
func (l Link) IsExample() bool {
	return l.Value == "" || strings.ContainsAny(l.Value[:1], "<%*") || strings.Trim(l.Value, ".…") == ""
}

// Given returns the links in the value of a variable. It may be a word of a
// shell, such as ${DT_TENANT:-abc12345}. Examples are left out.
func Given(kind Kind, value string) []Link {
	s := &shell{text: value}
	s.word("", false, 0)
	return withoutExamples(read(kind, string(s.out)))
}

func withoutExamples(all []Link) []Link {
	var out []Link
	for _, l := range all {
		if !l.IsExample() {
			out = append(out, l)
		}
	}
	return out
}

// isKnown reports whether a file may hold the link's value as it is. A part of it
// may be known to a running shell alone.
func (l Link) isKnown() bool { return !strings.Contains(l.Value, unknown) }

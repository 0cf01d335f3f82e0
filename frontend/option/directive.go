package option

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// Directive is the `# dynatrace=…` line of a Dockerfile.
type Directive struct {
	// Text is what follows the equals sign.
	Text string
	// Line counts from 1; 0 is no directive.
	Line int
}

// DirectiveError is about one line of a Dockerfile.
type DirectiveError struct {
	Line    int
	message string
}

// Error says what is wrong.
func (e *DirectiveError) Error() string { return e.message }

// name is our directive's.
const name = "dynatrace"

// others are BuildKit's directives. Its parser takes the first line that is
// none of them for the end of all directives, so ours has to be the last.
var others = map[string]bool{"syntax": true, "check": true, "escape": true}

// form is that of a directive, as BuildKit's parser has it
// (frontend/dockerfile/parser/directives.go), but that a value may be missing.
var form = regexp.MustCompile(`^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.*?)\s*$`)

// FindDirective returns the directive of a Dockerfile, and the Dockerfile with
// an empty line in its place: BuildKit would take it for a comment on what
// follows. Stray is the line of one that stands too late to count, or 0.
func FindDirective(dockerfile []byte) (found Directive, blanked []byte, stray int, err error) {
	block := true // whether directives still count
	number := 0
head:
	for line := range bytes.Lines(dockerfile) {
		number++
		text := strings.TrimRight(string(line), "\r\n")
		if number == 1 {
			text = strings.TrimPrefix(text, "\ufeff")
			if strings.HasPrefix(text, "#!") {
				continue
			}
		}
		var key, value string
		if match := form.FindStringSubmatch(text); match != nil {
			key, value = strings.ToLower(match[1]), match[2]
		}
		if key != name && !others[key] {
			block = false
		}
		switch {
		case !strings.HasPrefix(text, "#") && strings.TrimSpace(text) != "":
			break head // the first instruction
		case key == name && !block:
			stray = number
		case key == name && found.Line != 0:
			return Directive{}, nil, 0, &DirectiveError{number, "only one dynatrace directive can be used"}
		case key == name:
			found = Directive{Text: value, Line: number}
		case block && found.Line != 0:
			return Directive{}, nil, 0, &DirectiveError{number, fmt.Sprintf(
				"the %s directive has to stand before the dynatrace directive: BuildKit reads none behind it", key)}
		}
	}
	return found, blank(dockerfile, found.Line), stray, nil
}

// blank returns text with line number empty.
func blank(text []byte, number int) []byte {
	if number == 0 {
		return text
	}
	var out bytes.Buffer
	n := 0
	for line := range bytes.Lines(text) {
		if n++; n == number {
			line = line[len(bytes.TrimRight(line, "\r\n")):]
		}
		out.Write(line)
	}
	return out.Bytes()
}

package links

import (
	"bytes"
	"strings"
)

// nothing is a line of a shell script that does nothing.
const nothing = ":\n"

// Split returns the text dt of a file without the lines that are links, and the
// links. A line is "key value", "key=value" or "export key=value"; all others
// are kept as they are, comments and sections among them.
func (f File) Split(dt []byte) ([]byte, []Link) {
	var (
		out   bytes.Buffer
		found []Link
	)
	for line := range bytes.Lines(dt) {
		key, value := splitLine(string(line))
		kind, ok := f.Keys[strings.ToLower(key)]
		if !ok {
			out.Write(line)
			continue
		}
		if f.Shell {
			out.WriteString(nothing)
		}
		found = append(found, parts(kind, value)...)
	}
	return out.Bytes(), found
}

// splitLine returns the key and value of a line, or nothing for a comment, a
// section or a blank line.
func splitLine(line string) (key, value string) {
	line = strings.TrimSpace(line)
	if line == "" || line[0] == '#' || line[0] == ';' || line[0] == '[' {
		return "", ""
	}
	if rest, ok := strings.CutPrefix(line, "export"); ok && strings.TrimLeft(rest, " \t") != rest {
		line = strings.TrimSpace(rest)
	}
	i := strings.IndexAny(line, " \t=")
	if i < 0 {
		return line, ""
	}
	return line[:i], strings.Trim(line[i:], " \t=")
}

// parts returns the parts of a value: endpoints stand in a list, in braces or
// quotes.
func parts(kind Kind, value string) []Link {
	value = strings.Trim(value, `"'{}`)
	if value == "" {
		return nil
	}
	if kind != Endpoint {
		return []Link{{kind, value}}
	}
	var out []Link
	for part := range strings.SplitSeq(value, ";") {
		if part = strings.Trim(part, ` "'{}`); part != "" {
			out = append(out, Link{kind, part})
		}
	}
	return out
}

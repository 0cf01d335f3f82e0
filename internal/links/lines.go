package links

import (
	"bytes"
	"strings"
)

// nothing is a line of a shell script that does nothing.
const nothing = ":\n"

// byteOrderMark is what some editors begin a file with.
const byteOrderMark = "\ufeff"

// Split returns the text dt of a file without what are links, and the links. All
// else is kept as it is, comments and sections among them.
func (f File) Split(dt []byte) ([]byte, []Link) {
	if f.Shell {
		return splitStatements(dt, f.Keys)
	}
	return splitLines(dt, f.Keys)
}

// splitLines takes lines for links that set one of keys, as "key value" or
// "key=value".
func splitLines(dt []byte, keys map[string]Kind) ([]byte, []Link) {
	var (
		out   bytes.Buffer
		found []Link
	)
	for line := range bytes.Lines(dt) {
		key, value := splitLine(string(line))
		if kind, ok := keys[strings.ToLower(key)]; ok {
			found = append(found, parts(kind, value)...)
			continue
		}
		out.Write(line)
	}
	return out.Bytes(), found
}

// splitStatements is splitLines for a shell script.
func splitStatements(dt []byte, keys map[string]Kind) ([]byte, []Link) {
	var (
		out   bytes.Buffer
		found []Link
	)
	for s := range statements(dt) {
		if _, ok := keys[strings.ToLower(assignedKey(string(s)))]; ok {
			found = append(found, assigned(string(s), keys)...)
			out.WriteString(nothing)
			continue
		}
		out.Write(s)
	}
	return out.Bytes(), found
}

// splitLine returns the key and value of a line, or nothing for a comment, a
// section or a blank line.
func splitLine(line string) (key, value string) {
	line = strings.TrimSpace(strings.TrimPrefix(line, byteOrderMark))
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
		if part = strings.Trim(part, " \t\r\n\"'{}"); part != "" {
			out = append(out, Link{kind, part})
		}
	}
	return out
}

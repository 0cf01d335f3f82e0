package links

import (
	"bytes"
	"strings"
)

const (
	// nothing is a line of a shell script that does nothing.
	nothing = ":\n"
	// nothingInCase is nothing where the next line has another pattern.
	nothingInCase = ":;;\n"
)

// byteOrderMark is what some editors begin a file with.
const byteOrderMark = "\ufeff"

// Split returns the text dt of a file without what are links, and the links. All
// else is kept as it is, comments and sections among them. A statement of a shell
// script that does more than to set links is kept, too; its links are returned.
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
			found = append(found, lineLinks(kind, value)...)
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
	for text := range statements(string(dt)) {
		s := parseStatement(text)
		some, removable := statementLinks(s, keys)
		found = append(found, some...)
		if removable {
			out.WriteString(s.replacement())
			continue
		}
		out.WriteString(text)
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

// lineLinks returns the links in the value of a line. A file of lines may be one
// of variables, too, whose values a shell reads.
func lineLinks(kind Kind, value string) []Link {
	if strings.HasPrefix(strings.TrimLeft(value, `"`), "${") {
		s := &shell{text: value}
		s.word("", false, 0)
		value = string(s.out)
	}
	return read(kind, value)
}

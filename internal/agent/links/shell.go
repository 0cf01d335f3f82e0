package links

import "strings"

const (
	// unknown stands in a word for what only a running shell knows: the value of
	// a variable, or the output of a command. No shell's word can hold it.
	unknown = "\x00"
	// separators end a word of a shell script.
	separators = blanks + ";&|()"
	blanks     = " \t\r\n"
	// maxNesting bounds how deep expansions lie in one another.
	maxNesting = 32
)

// shell reads the words of a script as sh(1) does. It expands what the script
// itself holds: of ${NAME:-text} that is the text.
//
// Source: POSIX, Shell Command Language, 2.2 (quoting) and 2.6 (expansions).
type shell struct {
	text string
	at   int
	// out is the word so far.
	out []byte
	// open says that the text ended within a quotation or an expansion.
	open bool
	// assigned are the variables that expansions such as ${NAME:=text} set.
	assigned []string
}

// word reads up to one of the bytes in ends, or to the end of the text. Quoted
// says that the word stands within double quotes, where an apostrophe is a
// character like any other.
func (s *shell) word(ends string, quoted bool, depth int) {
	for s.at < len(s.text) {
		c := s.text[s.at]
		if strings.IndexByte(ends, c) >= 0 {
			return
		}
		s.at++
		switch {
		case c == '\\':
			s.escaped(quoted)
		case c == '\'' && !quoted:
			s.single()
		case c == '"':
			s.double(depth)
		case c == '`':
			s.backquoted()
		case c == '$':
			s.dollar(quoted, depth)
		default:
			s.out = append(s.out, c)
		}
	}
}

// escaped reads what follows a backslash. Between double quotes most characters
// keep it.
func (s *shell) escaped(quoted bool) {
	if s.at >= len(s.text) {
		return
	}
	c := s.text[s.at]
	if quoted && strings.IndexByte("$`\"\\\n}", c) < 0 {
		s.out = append(s.out, '\\')
		return
	}
	s.at++
	if c != '\n' {
		s.out = append(s.out, c)
	}
}

// single reads up to the apostrophe that ends a quotation.
func (s *shell) single() {
	n := strings.IndexByte(s.text[s.at:], '\'')
	if n < 0 {
		s.out = append(s.out, s.text[s.at:]...)
		s.at, s.open = len(s.text), true
		return
	}
	s.out = append(s.out, s.text[s.at:s.at+n]...)
	s.at += n + 1
}

// double reads up to the quotation mark that ends a quotation.
func (s *shell) double(depth int) { s.until('"', true, depth) }

// until reads a part of a word and the byte that ends it, which must be there.
func (s *shell) until(end byte, quoted bool, depth int) {
	if depth >= maxNesting {
		s.at = len(s.text)
	}
	if s.word(string(end), quoted, depth+1); s.at >= len(s.text) {
		s.open = true
		return
	}
	s.at++
}

// backquoted skips a command.
func (s *shell) backquoted() {
	for s.at < len(s.text) && s.text[s.at] != '`' {
		if s.text[s.at] == '\\' {
			s.at++
		}
		s.at++
	}
	s.out = append(s.out, unknown...)
	if s.at >= len(s.text) {
		s.at, s.open = len(s.text), true
		return
	}
	s.at++
}

// dollar reads what follows a dollar sign.
func (s *shell) dollar(quoted bool, depth int) {
	var c byte
	if s.at < len(s.text) {
		c = s.text[s.at]
	}
	switch {
	case c == '{':
		s.at++
		s.expansion(quoted, depth)
	case c == '(':
		s.at++
		s.command(depth)
	case c == '\'' && !quoted:
		s.at++
		s.single()
	case isName(c):
		s.name()
		s.out = append(s.out, unknown...)
	case c != 0 && strings.IndexByte("@*#?$!-", c) >= 0:
		s.at++
		s.out = append(s.out, unknown...)
	default:
		s.out = append(s.out, '$')
	}
}

// command skips a command in parentheses.
func (s *shell) command(depth int) {
	start := len(s.out)
	for opened := 1; opened > 0 && s.at < len(s.text); s.at++ {
		if depth >= maxNesting {
			s.at = len(s.text)
		}
		if s.word("()", false, depth+1); s.at >= len(s.text) {
			s.open = true
			break
		}
		if s.text[s.at] == '(' {
			opened++
		} else {
			opened--
		}
	}
	s.out = append(s.out[:start], unknown...)
}

// expansion reads ${…}. A default or an alternative is part of the word, be the
// variable set or not: it is what the script holds.
func (s *shell) expansion(quoted bool, depth int) {
	name, start := s.name(), len(s.out)
	rest := s.text[s.at:]
	op := ""
	for _, o := range []string{":-", ":=", ":+", "-", "=", "+"} {
		if name != "" && strings.HasPrefix(rest, o) {
			op = o
			break
		}
	}
	s.at += len(op)
	s.until('}', quoted, depth)
	switch {
	case op == "":
		s.out = append(s.out[:start], unknown...)
	case strings.HasSuffix(op, "="):
		s.assigned = append(s.assigned, name+"="+string(s.out[start:]))
	}
}

// name reads the name of a variable, which may be missing.
func (s *shell) name() string {
	start := s.at
	for s.at < len(s.text) && isName(s.text[s.at]) {
		s.at++
	}
	return s.text[start:s.at]
}

func isName(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

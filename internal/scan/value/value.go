package value

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// byteOrderMark is what editors on Windows write in front of a text.
const byteOrderMark = "\ufeff"

// quotes are the characters that people put around a value, including those
// that word processors make of them.
const quotes = "\"'`“”‘’«»"

// Error reports that a value is not usable as it was given. It never holds any
// part of the value.
type Error struct {
	// Name is the variable or the secret.
	Name string
	// Problem says what is wrong and what to do.
	Problem string
}

// Error returns one sentence.
func (e *Error) Error() string { return "invalid " + e.Name + ": " + e.Problem }

// Trim returns s without white space and byte order marks at its ends, which
// files and editors leave there.
func Trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || string(r) == byteOrderMark })
}

// Read returns the value of one line that was given as the variable or secret
// name, trimmed. It is empty if raw holds nothing. The error is an [*Error].
func Read(name, raw string) (string, error) {
	s, err := Text(name, raw)
	if err != nil {
		return "", err
	}
	if n := lines(s); n > 1 {
		return "", &Error{name, fmt.Sprintf("it has %d lines; give the value alone, in one line", n)}
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return "", &Error{name, "it has a control character in it; type the value again, or copy it again from where it is shown"}
	}
	return s, nil
}

// Text is Read for a value that may have many lines, such as certificates.
func Text(name, raw string) (string, error) {
	if problem := encoding(raw); problem != "" {
		return "", &Error{name, problem}
	}
	s := Trim(raw)
	if isAssignment(s) {
		return "", &Error{name, "it begins with the name of a variable and an equals sign; give only the value, in " + name + " itself or alone in its file"}
	}
	if s != "" && (strings.ContainsRune(quotes, first(s)) || strings.ContainsRune(quotes, last(s))) {
		return "", &Error{name, inQuotes}
	}
	return s, nil
}

const inQuotes = "it is in quotes, which are part of the value (docker run --env-file and files keep them); remove the quotes"

// List is Text for a value that is itself a list of assignments, such as
// COST_CENTER=12 Department="A B" in DT_CUSTOM_PROP. Only quotes around the whole
// value are an error.
func List(name, raw string) (string, error) {
	if problem := encoding(raw); problem != "" {
		return "", &Error{name, problem}
	}
	s := Trim(raw)
	if utf8.RuneCountInString(s) > 1 && strings.ContainsRune(quotes, first(s)) && strings.ContainsRune(quotes, last(s)) &&
		!strings.ContainsAny(s[1:len(s)-1], "\"'`") {
		return "", &Error{name, inQuotes}
	}
	return s, nil
}

// Any is Read for a value of which nothing is known: quotes, lines and bytes of
// any kind may be part of it. Only what is certainly another text, in UTF-16, is
// an error.
func Any(name, raw string) (string, error) {
	if isUTF16(raw) {
		return "", &Error{name, encoding(raw)}
	}
	return Trim(raw), nil
}

// encoding says why raw is not a text in UTF-8, or nothing.
func encoding(raw string) string {
	switch {
	case isUTF16(raw):
		return "it is in UTF-16, as PowerShell writes files; save it in UTF-8 (Set-Content -Encoding ascii)"
	case strings.ContainsRune(raw, 0):
		return "it is binary data; give it as text (a certificate in PEM)"
	case !utf8.ValidString(raw):
		return "it is not a text in UTF-8; save it in UTF-8"
	}
	return ""
}

// isUTF16 reports whether raw begins with UTF-16's byte order mark, or every
// second byte of it is zero, as for Latin letters.
func isUTF16(raw string) bool {
	if strings.HasPrefix(raw, "\xff\xfe") || strings.HasPrefix(raw, "\xfe\xff") {
		return true
	}
	var zeros [2]int
	for i := range len(raw) {
		if raw[i] == 0 {
			zeros[i%2]++
		}
	}
	half := len(raw) / 2
	return half > 0 && (zeros[0] == half && zeros[1] == 0 || zeros[1] == half && zeros[0] == 0)
}

// isAssignment reports whether s is a value that was given with its name in
// front, as in `DT_TENANT=abc12345`, or a file of such lines. Only names in
// capitals with an underscore count, and only with something behind the equals
// sign: a token may have an equals sign, and Base64 ends with some.
func isAssignment(s string) bool {
	name, rest, _ := strings.Cut(s, "=")
	if strings.Trim(rest, "=") == "" {
		return false
	}
	name = strings.TrimSpace(name)
	for _, command := range []string{"export ", "ENV ", "ARG ", "set ", "$env:", "$Env:"} {
		name = strings.TrimSpace(strings.TrimPrefix(name, command))
	}
	if !strings.Contains(name, "_") {
		return false
	}
	for i, r := range name {
		if r != '_' && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return true
}

// lines counts the lines of a trimmed text.
func lines(s string) int {
	return 1 + strings.Count(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s), "\n")
}

func first(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func last(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

package installer

import (
	"bufio"
	"io"
	"os"
	"regexp"
	"strings"
)

// What people can do where build steps are not what a script is written for.
const (
	instead    = ": set installer=paas, which unpacks the zip archive and runs nothing"
	wantsBash  = "it wants bash, which build steps do not have" + instead
	mayBash    = "it is written for bash, which build steps do not have" + instead
	wantsTool  = "it wants a program that build steps do not have" + instead
	wantsShell = "the shell of build steps does not know all that it uses" + instead
	wantsRoot  = "it may want to be root, and runs as nobody" + instead
	notWhole   = "it may not have come whole: build again, or look for a proxy that changes answers"
)

// What scripts and shells print. Only the end of an output is looked at: an
// installer may tell much before it fails.
var (
	saysBash   = regexp.MustCompile(`(?i)\bbash\b`)
	saysSyntax = regexp.MustCompile(`(?i)syntax error|bad substitution|unexpected`)
	saysPart   = regexp.MustCompile(`(?i)short read|unexpected (end of file|eof)|invalid (magic|tar|zip)|crc error|not in gzip format|corrupt`)
	saysRoot   = regexp.MustCompile(`(?i)\b(root|superuser|sudo)\b`)
)

// codes of a shell.
const (
	exitSyntax   = 2
	exitNotFound = 127
)

// advise says what to do about a script that has failed, by what it shows; it
// is empty where nothing is known. None of the output is in it.
func advise(shebang string, code int, output string) string {
	last := lastLine(output)
	switch {
	case code < 0: // a signal's
		return ""
	case saysBash.MatchString(lastLines(output, 3)): // some say then that they failed
		return wantsBash
	case saysPart.MatchString(last):
		return notWhole
	case strings.Contains(shebang, "bash"):
		return mayBash
	case code == exitNotFound:
		return wantsTool
	case code == exitSyntax && saysSyntax.MatchString(last):
		return wantsShell
	case saysRoot.MatchString(last):
		return wantsRoot
	}
	return ""
}

// failed is a script's failure and what there is to do about it.
func (c Call) failed(reason string, code int, out *tailBuffer) *Error {
	text := out.String()
	return &Error{reason: reason, Advice: advise(firstLine(c.Script), code, text), Output: text}
}

// firstLine returns the start of a file, which tells what a script is for.
func firstLine(name string) string {
	f, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer f.Close()
	line, _ := bufio.NewReader(io.LimitReader(f, 256)).ReadString('\n')
	if !strings.HasPrefix(line, "#!") {
		return ""
	}
	return line
}

func lastLine(text string) string { return lastLines(text, 1) }

// lastLines returns the last n lines but for empty ones at the end.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(strings.Join(lines[max(0, len(lines)-n):], "\n"))
}

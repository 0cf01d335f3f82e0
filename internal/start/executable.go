package start

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/org/dt-frontend/internal/untrusted/elfhead"
)

// The kernel reads so much of a script's first line, and follows so many
// scripts that are run by scripts.
const (
	maxFirstLine   = 256
	maxInterpreter = 5
)

// executable is the binary that the kernel will load for a command: that of
// the script's interpreter, where the command is a script.
type executable struct {
	path string
	elf  *elfhead.File
}

// inspect follows #! lines to a binary. Without one, be it unreadable or of a
// form for binfmt_misc, it returns nil: there is nothing to be said about it.
func inspect(files Files, name string) *executable {
	for range maxInterpreter {
		next, file, err := inspectOne(files, name)
		if err != nil {
			return nil
		}
		if file != nil {
			return &executable{path: name, elf: file}
		}
		name = next
	}
	return nil
}

var errUnknownFormat = errors.New("unknown format")

func inspectOne(files Files, name string) (interpreter string, file *elfhead.File, err error) {
	info, err := files.Stat(name)
	if err != nil {
		return "", nil, err
	}
	if !info.Mode().IsRegular() {
		return "", nil, errIrregular
	}
	f, err := files.Open(name)
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	if file, err = elfhead.Read(f); err == nil {
		return "", file, nil
	}
	head := make([]byte, maxFirstLine)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", nil, err
	}
	if interpreter = shebang(head[:n]); interpreter == "" {
		return "", nil, errUnknownFormat
	}
	return interpreter, nil, nil
}

// shebang returns the interpreter that a script's first line names.
func shebang(head []byte) string {
	rest, ok := bytes.CutPrefix(head, []byte("#!"))
	if !ok {
		return ""
	}
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	words := strings.FieldsFunc(string(line), func(c rune) bool { return c == ' ' || c == '\t' || c == 0 })
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

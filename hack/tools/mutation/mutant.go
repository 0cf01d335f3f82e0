package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
)

// mutant is one change of one file.
type mutant struct {
	kind       string
	path       string
	line       int
	source     []byte
	start, end int    // the bytes that are replaced
	text       string // the bytes that replace them
}

// changed returns the whole file with the change.
func (m mutant) changed() []byte {
	out := append([]byte{}, m.source[:m.start]...)
	out = append(out, m.text...)
	return append(out, m.source[m.end:]...)
}

// change describes the mutant on one line.
func (m mutant) change() string {
	short := func(s string) string {
		s = strings.Join(strings.Fields(s), " ")
		if r := []rune(s); len(r) > 70 {
			return string(r[:67]) + "..."
		}
		return s
	}
	before, after := short(string(m.source[m.start:m.end])), short(m.text)
	if after == "" {
		return fmt.Sprintf("%s: removed %q", m.kind, before)
	}
	return fmt.Sprintf("%s: %q is %q", m.kind, before, after)
}

// finder collects the mutants of a file.
type finder struct {
	files  *token.FileSet
	path   string
	source []byte
	found  []mutant
}

// find returns all mutants of a file.
func find(files *token.FileSet, parsed *ast.File, source []byte) []mutant {
	f := &finder{files: files, path: files.Position(parsed.Pos()).Filename, source: source}
	ast.Inspect(parsed, func(n ast.Node) bool {
		f.conditions(n)
		f.boundaries(n)
		f.statements(n)
		f.entries(n)
		f.errors(n)
		// Import paths and tags of fields are no code.
		_, isImport := n.(*ast.ImportSpec)
		return !isImport
	})
	return f.found
}

// replace adds a mutant that has text in place of the source from start to end.
func (f *finder) replace(kind string, start, end token.Pos, text string) {
	at := f.files.Position(start)
	f.found = append(f.found, mutant{
		kind: kind, path: f.path, line: at.Line, source: f.source,
		start: at.Offset, end: f.files.Position(end).Offset, text: text,
	})
}

// text returns the source of a node.
func (f *finder) text(n ast.Node) string {
	return string(f.source[f.files.Position(n.Pos()).Offset:f.files.Position(n.End()).Offset])
}

package agent

import (
	"path"
	"strings"
)

// Lists of the libraries that the loader adds to every process. Only glibc's
// loader reads the file.
const (
	VarPreload  = "LD_PRELOAD"
	PreloadFile = "/etc/ld.so.preload"
)

// ProcessLibrary is the name of every agent's library for preloading.
const ProcessLibrary = "liboneagentproc.so"

// Libraries splits a list for the loader as ld.so(8) does: at colons and white
// space.
func Libraries(list string) []string {
	return strings.FieldsFunc(list, func(c rune) bool {
		return c == ':' || c == ' ' || c == '\t' || c == '\n' || c == '\r'
	})
}

// ProcessLibraries returns the libraries of a list that are an agent's.
func ProcessLibraries(list string) []string {
	var out []string
	for _, lib := range Libraries(list) {
		if path.Base(lib) == ProcessLibrary {
			out = append(out, lib)
		}
	}
	return out
}

// WithoutComments returns the text of [PreloadFile] without its comments. The
// variable has none.
func WithoutComments(text string) string {
	if !strings.Contains(text, "#") {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		b.WriteString(line + "\n")
	}
	return b.String()
}

// LibraryPaths returns where the loader looks for a library that a list names.
// Search is LD_LIBRARY_PATH. Of the loader's own variables only $LIB is known,
// which the agent of a whole host has in [PreloadFile].
//
// Source: ld.so(8).
func LibraryPaths(lib, search string) []string {
	if !strings.Contains(lib, "/") {
		var out []string
		for _, dir := range append(strings.FieldsFunc(search, func(c rune) bool { return c == ':' || c == ';' }), expandLib("/$LIB", "/usr/$LIB", "/usr/local/$LIB")...) {
			out = append(out, path.Join("/", dir, lib))
		}
		return out
	}
	return expandLib(strings.ReplaceAll(lib, "${LIB}", "$LIB"))
}

// libDirs returns the values that $LIB has.
func libDirs() []string {
	out := []string{"lib", "lib64"}
	for _, r := range architectures {
		out = append(out, "lib/"+r.libDir)
	}
	return out
}

func expandLib(names ...string) []string {
	var out []string
	for _, name := range names {
		if !strings.Contains(name, "$LIB") {
			out = append(out, name)
			continue
		}
		for _, dir := range libDirs() {
			out = append(out, strings.ReplaceAll(name, "$LIB", dir))
		}
	}
	return out
}

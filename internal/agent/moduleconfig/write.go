package moduleconfig

import (
	"bytes"
	"maps"
	"slices"
)

// text writes a configuration, marked as a merge: sections and keys in their
// order, each below its comments, so that the same settings are the same bytes.
func (f *file) text() []byte {
	var out bytes.Buffer
	write := func(lines ...string) {
		for _, l := range lines {
			out.WriteString(l + "\n")
		}
	}
	write(mark)
	write(f.head...)
	for _, name := range slices.Sorted(maps.Keys(f.sections)) {
		s := f.sections[name]
		write(s.comments...)
		if name != "" {
			write("[" + name + "]")
		}
		for _, key := range slices.Sorted(maps.Keys(s.settings)) {
			write(s.settings[key].comments...)
			write(line(key, s.settings[key].value))
		}
	}
	write(f.tail...)
	return out.Bytes()
}

// line is that of a key and its value.
func line(key, value string) string {
	if value == "" {
		return key
	}
	return key + " " + value
}

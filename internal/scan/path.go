package scan

import "strings"

// MaxShown bounds a path or another name in a report, in bytes. A name in an
// archive may have megabytes.
const MaxShown = 1000

// Path returns a path for people. [Hidden] stands for each part of it that holds
// a value, for the whole path if a value goes over several parts, and for what
// follows half of [MaxShown] if the path is longer than that.
func (s *Scanner) Path(name string) string {
	looked, kept := name, -1
	if len(name) > MaxShown {
		// With what a value takes that begins in the part that is kept: half of a
		// value would not be found.
		looked = name[:min(len(name), MaxShown/2+s.keep)]
		kept = strings.Count(name[:MaxShown/2], "/")
	}
	parts := strings.Split(looked, "/")
	if len(s.String(looked)) > 0 {
		for i, part := range parts {
			if len(s.String(part)) > 0 {
				parts[i] = Hidden
			}
		}
		if len(s.String(strings.Join(parts, "/"))) > 0 {
			return Hidden
		}
	}
	if kept >= 0 {
		parts = append(parts[:kept], Hidden)
	}
	return Printable(strings.Join(parts, "/"))
}

// Word returns a text for people, or [Hidden] if it holds a value or has more
// than limit bytes.
func (s *Scanner) Word(text string, limit int) string {
	if len(text) > limit || len(s.String(text)) > 0 {
		return Hidden
	}
	return Printable(text)
}

package agent

import "strings"

// ValidVersion reports whether s is an exact agent version:
// three numbers, a date and a time, as in 1.305.152.20241113-104505.
func ValidVersion(s string) bool {
	if len(s) > 64 {
		return false
	}
	part := strings.Split(s, ".")
	if len(part) != 4 {
		return false
	}
	date, clock, ok := strings.Cut(part[3], "-")
	if !ok || len(date) != 8 || len(clock) != 6 {
		return false
	}
	for _, p := range []string{part[0], part[1], part[2], date, clock} {
		if p == "" || !digits(p) {
			return false
		}
	}
	return true
}

// MinorVersion returns the first two numbers of an agent's version, as in 1.305,
// which is the form that connection info is asked in. It returns "" if s is not
// a version.
func MinorVersion(s string) string {
	part := strings.Split(s, ".")
	if len(part) < 2 || part[0] == "" || part[1] == "" || !digits(part[0]+part[1]) {
		return ""
	}
	return part[0] + "." + part[1]
}

func digits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

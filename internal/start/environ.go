package start

import "github.com/org/dt-frontend/internal/scan/value"

// environ is an environment that keeps the order of what is in it, and every
// byte of what it is not told to change.
type environ struct{ entries []string }

func newEnviron(entries []string) *environ {
	return &environ{entries: append(make([]string, 0, len(entries)+8), entries...)}
}

// get returns a variable's value, or nothing. As for the C library the first
// entry of a name counts.
func (e *environ) get(name string) string {
	for _, entry := range e.entries {
		if v, ok := valueOf(entry, name); ok {
			return v
		}
	}
	return ""
}

// trimmed is get without the white space that files and editors leave.
func (e *environ) trimmed(name string) string { return value.Trim(e.get(name)) }

// set changes a variable where it is, and removes further entries of its name.
func (e *environ) set(name, v string) {
	kept, found := e.entries[:0], false
	for _, entry := range e.entries {
		if _, ok := valueOf(entry, name); !ok {
			kept = append(kept, entry)
		} else if !found {
			kept, found = append(kept, name+"="+v), true
		}
	}
	if !found {
		kept = append(kept, name+"="+v)
	}
	e.entries = kept
}

// preset sets a variable that the user has not set, be it to nothing.
func (e *environ) preset(name, v string) {
	for _, entry := range e.entries {
		if _, ok := valueOf(entry, name); ok {
			return
		}
	}
	e.set(name, v)
}

func (e *environ) unset(name string) {
	kept := e.entries[:0]
	for _, entry := range e.entries {
		if _, ok := valueOf(entry, name); !ok {
			kept = append(kept, entry)
		}
	}
	e.entries = kept
}

func (e *environ) list() []string {
	return append(make([]string, 0, len(e.entries)), e.entries...)
}

func valueOf(entry, name string) (string, bool) {
	if len(entry) > len(name) && entry[len(name)] == '=' && entry[:len(name)] == name {
		return entry[len(name)+1:], true
	}
	return "", false
}

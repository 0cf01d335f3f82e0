package agent

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// AllTechnologies is the word for every technology that there is.
const AllTechnologies = "all"

// separator is between the technologies of a list in text.
const separator = ","

// technologies are those that the Deployment API documents for the parameter
// include, sorted, and whether it documents them for musl. Newer agents for musl
// have more.
//
// Source: the vendor's documentation, GET
// /deployment/installer/agent/{osType}/{installerType}/latest.
var technologies = [...]struct {
	name string
	musl bool
}{
	{"apache", true}, {"dotnet", false}, {"envoy", false}, {"go", false}, {"java", true}, {"java-graal-native", false},
	{"nginx", true}, {"nodejs", true}, {"php", false}, {"python", false}, {"ruby", false}, {"sdk", false},
}

// KnownTechnologies returns the technologies that the Deployment API documents
// for agents of a flavor, sorted. A cluster may know others.
func KnownTechnologies(f Flavor) []string {
	var out []string
	for _, t := range technologies {
		if t.musl || f != FlavorMusl {
			out = append(out, t.name)
		}
	}
	return out
}

// Technologies are those that an agent is asked to have code modules for:
// sorted, each once. Nil is all that there are. [NewTechnologies],
// [ParseTechnologies] and JSON make them.
type Technologies []string

// NewTechnologies returns the technologies names, or nil if one of names is
// [AllTechnologies] or there are no names.
func NewTechnologies(names ...string) Technologies {
	if len(names) == 0 || slices.Contains(names, AllTechnologies) {
		return nil
	}
	list := slices.Clone(names)
	slices.Sort(list)
	return slices.Compact(list)
}

// ParseTechnologies reads what [Technologies.String] returned, or what a person
// wrote in the same form. Technologies of newer clusters are taken, too.
func ParseTechnologies(text string) (Technologies, error) {
	names := strings.Split(text, separator)
	for _, name := range names {
		if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return nil, fmt.Errorf("invalid technology %q: expected lower-case letters, digits, dashes and underscores", name)
		}
	}
	return NewTechnologies(names...), nil
}

// All reports whether t is all technologies that there are.
func (t Technologies) All() bool { return len(t) == 0 }

// Names returns the names of t. Of all technologies that is [AllTechnologies]
// alone, as the parameter include of the Deployment API has it.
func (t Technologies) Names() []string {
	if t.All() {
		return []string{AllTechnologies}
	}
	return t
}

// String returns the names of t, separated by commas.
func (t Technologies) String() string { return JoinTechnologies(t.Names()) }

// UnmarshalJSON reads an array of names, which need not be sorted.
func (t *Technologies) UnmarshalJSON(b []byte) error {
	var names []string
	if err := json.Unmarshal(b, &names); err != nil {
		return err
	}
	*t = NewTechnologies(names...)
	return nil
}

// JoinTechnologies returns a list of technologies that an agent has, as in
// [LabelTechnologies]. Unlike [Technologies] an empty list is none.
func JoinTechnologies(names []string) string { return strings.Join(names, separator) }

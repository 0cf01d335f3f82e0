package agent

import (
	"fmt"
	"strings"
)

// queryForm is the form of what [Spec.Query] returns, for people.
const queryForm = "arch/flavor[/version[/pinned]]"

// queryPinned stands behind the version for [Spec.Pinned].
const queryPinned = "pinned"

// Query returns what the resolve step has to know of s to ask the cluster, as in
// x86/default/1.305.152.20241113-104505/pinned. [ParseQuery] reads it.
func (s Spec) Query() string {
	query := string(s.Arch) + "/" + string(s.Flavor)
	if s.Version != "" {
		query += "/" + s.Version
	}
	if s.Pinned {
		query += "/" + queryPinned
	}
	return query
}

// ParseQuery reads what [Spec.Query] wrote.
func ParseQuery(text string) (Spec, error) {
	parts := strings.Split(text, "/")
	if len(parts) < 2 || len(parts) > 4 || len(parts) == 4 && parts[3] != queryPinned {
		return Spec{}, fmt.Errorf("%q is not of the form %s", text, queryForm)
	}
	s := Spec{Arch: Arch(parts[0]), Flavor: Flavor(parts[1]), Pinned: len(parts) == 4}
	if len(parts) > 2 {
		s.Version = parts[2]
	}
	return s, nil
}

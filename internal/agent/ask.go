package agent

import (
	"fmt"
	"strings"
)

// askForm is the form of what [Spec.Ask] returns, for people.
const askForm = "arch/flavor[/version[/pinned]]"

// askPinned stands behind the version for [Spec.Pinned].
const askPinned = "pinned"

// Ask returns what the resolve step has to know of s to ask the cluster, as in
// x86/default/1.305.152.20241113-104505/pinned. [ParseAsk] reads it.
func (s Spec) Ask() string {
	ask := string(s.Arch) + "/" + string(s.Flavor)
	if s.Version != "" {
		ask += "/" + s.Version
	}
	if s.Pinned {
		ask += "/" + askPinned
	}
	return ask
}

// ParseAsk reads what [Spec.Ask] wrote.
func ParseAsk(text string) (Spec, error) {
	parts := strings.Split(text, "/")
	if len(parts) < 2 || len(parts) > 4 || len(parts) == 4 && parts[3] != askPinned {
		return Spec{}, fmt.Errorf("%q is not of the form %s", text, askForm)
	}
	s := Spec{Arch: Arch(parts[0]), Flavor: Flavor(parts[1]), Pinned: len(parts) == 4}
	if len(parts) > 2 {
		s.Version = parts[2]
	}
	return s, nil
}

package agent

import "strings"

// Spec is what a build asks the cluster for.
type Spec struct {
	Arch   Arch
	Flavor Flavor
	// Include names technologies; empty means all.
	Include []string
}

// Key names the agent that a cluster resolves for s. The version does not
// depend on the technologies, so they are no part of it.
func (s Spec) Key() string {
	return string(s.Arch) + "-" + string(s.Flavor)
}

// Technologies returns what to include, separated by commas.
func (s Spec) Technologies() string {
	if len(s.Include) == 0 {
		return "all"
	}
	return strings.Join(s.Include, ",")
}

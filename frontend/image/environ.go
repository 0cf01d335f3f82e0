package image

import (
	"path"
	"strings"

	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/internal/agent"
)

// appendTo appends v to the list of ld.so(8) that env has for its name, as the
// vendor's own wrapper and operator do.
func appendTo(env []string, v payload.Variable) []string {
	out := make([]string, 0, len(env)+1)
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		if name != v.Name {
			out = append(out, e)
		} else if value != "" {
			v.Value = value + ":" + v.Value
		}
	}
	return append(out, v.Name+"="+v.Value)
}

// withoutAgentsPreload returns env without the library that an instrumented
// base was built with: what is attached now may be another, or started
// otherwise.
func withoutAgentsPreload(env []string) []string {
	var out []string
	for _, e := range env {
		name, value, _ := strings.Cut(e, "=")
		if name != agent.VarPreload || !strings.Contains(value, agent.Dir+"/") {
			out = append(out, e)
			continue
		}
		if rest := withoutAgentsLibraries(value); rest != "" {
			out = append(out, name+"="+rest)
		}
	}
	return out
}

func withoutAgentsLibraries(list string) string {
	var rest []string
	for _, lib := range agent.Libraries(list) {
		if !strings.HasPrefix(path.Clean(lib), agent.Dir+"/") {
			rest = append(rest, lib)
		}
	}
	return strings.Join(rest, ":")
}

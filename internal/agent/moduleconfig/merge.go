package moduleconfig

import (
	"fmt"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/links"
)

// Merge returns text, an agent's configuration, with an environment's
// properties in it, which have been through [Filter]. Theirs is the last word on
// each key; all else stays.
func Merge(text []byte, properties []agent.Property) ([]byte, error) {
	f, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("the agent's %s cannot be read: %w", File, err)
	}
	for _, p := range properties {
		s := f.section(p.Section)
		s.settings[p.Key] = setting{s.settings[p.Key].comments, p.Value}
	}
	merged := withoutLinks(f.text())
	// Whoever reads it next reads no more.
	if len(merged) > links.MaxFile {
		return nil, fmt.Errorf("with them the agent's %s has more than %d bytes", File, links.MaxFile)
	}
	return merged, nil
}

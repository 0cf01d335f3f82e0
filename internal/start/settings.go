package start

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/org/dt-frontend/internal/agent"
)

// maxSettings is far above what a build writes.
const maxSettings = 1 << 20

// ReadSettings reads what the build left beside dt-start.
func ReadSettings(files Files) (*agent.Settings, error) {
	b, err := read(files, agent.SettingsPath, maxSettings)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", agent.SettingsPath, err)
	}
	var s agent.Settings
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, errors.New(agent.SettingsPath + " is damaged")
	}
	switch s.Mode {
	case "", agent.ModeBuild:
		s.Mode = agent.ModeBuild
		if s.Preload == "" {
			s.Preload = agent.Dir + "/" + agent.PreloadLibrary
		}
	case agent.ModeRuntime:
		if s.Version != "" && !agent.ValidVersion(s.Version) {
			return nil, errors.New(agent.SettingsPath + " names no version of an agent, as 1.305.152.20241113-104505")
		}
	default:
		return nil, fmt.Errorf("%s asks for mode %q, which this dt-start does not know", agent.SettingsPath, s.Mode)
	}
	return &s, nil
}

func (p *planner) readSettings() error {
	if p.in.Settings != nil {
		// A copy: what is found out at run time is written into it.
		s := *p.in.Settings
		p.settings = &s
		return nil
	}
	s, err := ReadSettings(p.in.Files)
	if err != nil {
		// What does not depend on them goes on.
		s = &agent.Settings{}
	}
	p.settings = s
	return err
}

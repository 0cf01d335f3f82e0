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
	if s.Mode != "" && s.Mode != "build" {
		return nil, fmt.Errorf("%s asks for mode %q, which this dt-start does not know", agent.SettingsPath, s.Mode)
	}
	if s.Preload == "" {
		s.Preload = agent.Dir + "/" + agent.PreloadLibrary
	}
	return &s, nil
}

func (p *planner) readSettings() error {
	p.settings = p.in.Settings
	if p.settings != nil {
		return nil
	}
	s, err := ReadSettings(p.in.Files)
	p.settings = s
	return err
}

package payload

import (
	"encoding/json"
	"fmt"

	"github.com/moby/buildkit/client/llb"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
)

// startSettings are what the start helper finds next to itself.
type startSettings struct {
	agent.Settings
	spdx      []byte
	documents *llb.State
}

// layer packs them.
func (s *startSettings) layer() (Layer, error) {
	dt, err := json.MarshalIndent(s.Settings, "", "  ")
	if err != nil {
		return Layer{}, fmt.Errorf("encoding the start helper's settings: %w", err)
	}
	return Layer{
		dtllb.SettingsLayer(dtllb.StartFiles{Settings: append(dt, '\n'), SPDX: s.spdx, Documents: s.documents}),
		"SETTINGS " + agent.SettingsPath,
	}, nil
}

// NoteImage tells the start helper what the image itself sets: the variables of
// env are not the user's.
func (p *Payload) NoteImage(env []string) error {
	if p.settings == nil || p.Alone {
		return nil
	}
	p.settings.ImageEnv = agent.ImageVariables(env)
	last, err := p.settings.layer()
	if err != nil {
		return err
	}
	p.Layers[len(p.Layers)-1] = last
	return nil
}

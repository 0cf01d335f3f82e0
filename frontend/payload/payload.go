package payload

import (
	"fmt"

	"github.com/moby/buildkit/client/llb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
)

// Payload is what goes onto an app.
type Payload struct {
	// Layers are put onto the app in their order.
	Layers []Layer
	// Labels are those that the image gets.
	Labels map[string]string
	// AgentLayer is the diff ID of the agent layer, if there is one.
	AgentLayer string
	// Installed describes the agent, if there is one.
	Installed *agent.Installed
	// SPDX is the agent's bill of materials, if there is one.
	SPDX []byte
	// CA are certificates that the build was given for the agent to trust; nil
	// for none.
	CA *Certificates
	// Alone says that there is no app.
	Alone bool
	// Env is what the image's environment gets.
	Env []Variable
	// settings are the start helper's, which the last layer has; nil if there is
	// none.
	settings *startSettings
}

// Variable is one of an image's environment.
type Variable struct{ Name, Value string }

// Layer is one layer, and its entry in the image's history.
type Layer struct {
	State     llb.State
	CreatedBy string
}

// States returns the layers' states.
func (p *Payload) States() []llb.State {
	out := make([]llb.State, len(p.Layers))
	for i, l := range p.Layers {
		out[i] = l.State
	}
	return out
}

// New is an agent, which in describes, and the helper that starts it.
// Documents are those of its installation; nil for an agent that was not
// installed here.
func New(self, agentLayer llb.State, documents *llb.State, in agent.Installed, o option.Options, p ocispecs.Platform) (*Payload, error) {
	spdx, err := billOfMaterials(in)
	if err != nil {
		return nil, err
	}
	settings := &startSettings{spdx: spdx, documents: documents, Settings: agent.Settings{
		Mode:    agent.ModeBuild,
		Version: in.Version,
		Flavor:  in.Flavor,
		Arch:    in.Arch,
		Preload: in.Preload,

		NetworkZone: o.NetworkZone,
		PreloadEnv:  o.PreloadEnv,
		TrustImage:  o.ImageTrust == option.TrustAllow,
	}}
	start, err := startLayers(self, p, settings)
	if err != nil {
		return nil, err
	}
	kind := string(in.Flavor)
	if in.FIPS {
		kind += ", FIPS"
	}
	out := &Payload{
		Layers: append([]Layer{
			{agentLayer, fmt.Sprintf("ONEAGENT %s (%s, %s)", in.Version, kind, in.Arch)},
		}, start...),
		Labels: map[string]string{
			agent.LabelMode:         agent.ModeBuild,
			agent.LabelVersion:      in.Version,
			agent.LabelFlavor:       string(in.Flavor),
			agent.LabelTechnologies: agent.JoinTechnologies(in.Technologies),
		},
		AgentLayer: in.DiffID,
		Installed:  &in,
		SPDX:       spdx,
		settings:   settings,
	}
	if o.PreloadEnv {
		out.Env = []Variable{{agent.VarPreload, in.Preload}}
	}
	if in.Config != "" {
		out.Labels[agent.LabelConfig] = in.Config
	}
	return out, nil
}

// Runtime is a helper that installs the agent when it starts. It needs
// no cluster and no secret; ca are the certificates that the agent is to trust,
// if any.
func Runtime(self llb.State, o option.Options, ca *Certificates, arch agent.Arch, p ocispecs.Platform) (*Payload, error) {
	settings := &startSettings{Settings: agent.Settings{
		Mode:        agent.ModeRuntime,
		Version:     o.Version,
		Flavor:      o.Flavor,
		Arch:        arch,
		Include:     o.Include,
		NetworkZone: o.NetworkZone,
		FIPS:        o.FIPS,
		TrustImage:  o.ImageTrust == option.TrustAllow,
	}}
	start, err := startLayers(self, p, settings)
	if err != nil {
		return nil, err
	}
	labels := map[string]string{
		agent.LabelMode:         agent.ModeRuntime,
		agent.LabelTechnologies: o.Include.String(),
	}
	if o.Version != "" {
		labels[agent.LabelVersion] = o.Version
	}
	if o.Flavor != "" {
		labels[agent.LabelFlavor] = string(o.Flavor)
	}
	return &Payload{Layers: start, Labels: labels, CA: ca, settings: settings}, nil
}

// AgentImage is an agent alone. Its labels say all that a build has to
// know of it, so that the build need not pull it.
func AgentImage(p *Payload) *Payload {
	in := p.Installed
	out := &Payload{
		Layers:     p.Layers[:1],
		Labels:     p.Labels,
		AgentLayer: p.AgentLayer,
		Installed:  in,
		SPDX:       p.SPDX,
		Alone:      true,
	}
	out.Labels[agent.LabelMode] = agent.ModeAgent
	out.Labels[agent.LabelPreload] = in.Preload
	if in.FIPS {
		out.Labels[agent.LabelFIPS] = "on"
	}
	return out
}

// startLayers are those of the start helper and of its documents.
func startLayers(self llb.State, p ocispecs.Platform, settings *startSettings) ([]Layer, error) {
	last, err := settings.layer()
	return []Layer{{dtllb.StartLayer(self, p.Architecture), "START " + agent.StartPath}, last}, err
}

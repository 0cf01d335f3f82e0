package frontend

import (
	"fmt"
	"strings"

	"github.com/moby/buildkit/client/llb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
)

// payload is what goes onto an app.
type payload struct {
	layers []layer
	labels map[string]string
	// agentLayer is the diff ID of the agent layer, if there is one.
	agentLayer string
	// installed describes the agent, if there is one.
	installed *agent.Installed
	// spdx is the agent's bill of materials, if there is one.
	spdx []byte
	// ca are certificates that the build was given for the agent to trust; nil
	// for none.
	ca *trusted
	// alone says that there is no app.
	alone bool
	// env is what the image's environment gets.
	env []variable
	// settings are the start helper's, which the last layer has; nil if there is
	// none.
	settings *startSettings
}

// variable is one of an image's environment.
type variable struct{ name, value string }

// layer is one of them, and its entry in the image's history.
type layer struct {
	state     llb.State
	createdBy string
}

// states returns the layers' states.
func (p *payload) states() []llb.State {
	out := make([]llb.State, len(p.layers))
	for i, l := range p.layers {
		out[i] = l.state
	}
	return out
}

// buildPayload is an agent, which in describes, and the helper that starts it.
// Documents are those of its installation; nil for an agent that was not
// installed here.
func buildPayload(self, agentLayer llb.State, documents *llb.State, in agent.Installed, o option.Options, p ocispecs.Platform) (*payload, error) {
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
	out := &payload{
		layers: append([]layer{
			{agentLayer, fmt.Sprintf("ONEAGENT %s (%s, %s)", in.Version, kind, in.Arch)},
		}, start...),
		labels: map[string]string{
			agent.LabelMode:         agent.ModeBuild,
			agent.LabelVersion:      in.Version,
			agent.LabelFlavor:       string(in.Flavor),
			agent.LabelTechnologies: strings.Join(in.Technologies, ","),
		},
		agentLayer: in.DiffID,
		installed:  &in,
		spdx:       spdx,
		settings:   settings,
	}
	if o.PreloadEnv {
		out.env = []variable{{agent.VarPreload, in.Preload}}
	}
	if in.Config != "" {
		out.labels[agent.LabelConfig] = in.Config
	}
	return out, nil
}

// runtimePayload is a helper that installs the agent when it starts. It needs
// no cluster and no secret; ca are the certificates that the agent is to trust,
// if any.
func runtimePayload(self llb.State, o option.Options, ca *trusted, arch agent.Arch, p ocispecs.Platform) (*payload, error) {
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
		agent.LabelTechnologies: agent.Spec{Include: o.Include}.Technologies(),
	}
	if o.Version != "" {
		labels[agent.LabelVersion] = o.Version
	}
	if o.Flavor != "" {
		labels[agent.LabelFlavor] = string(o.Flavor)
	}
	return &payload{layers: start, labels: labels, ca: ca, settings: settings}, nil
}

// agentImagePayload is an agent alone. Its labels say all that a build has to
// know of it, so that the build need not pull it.
func agentImagePayload(p *payload) *payload {
	in := p.installed
	out := &payload{
		layers:     p.layers[:1],
		labels:     p.labels,
		agentLayer: p.agentLayer,
		installed:  in,
		spdx:       p.spdx,
		alone:      true,
	}
	out.labels[agent.LabelMode] = agent.ModeAgent
	out.labels[agent.LabelPreload] = in.Preload
	if in.FIPS {
		out.labels[agent.LabelFIPS] = "on"
	}
	return out
}

// startLayers are those of the start helper and of its documents.
func startLayers(self llb.State, p ocispecs.Platform, settings *startSettings) ([]layer, error) {
	last, err := settings.layer()
	return []layer{{dtllb.StartLayer(self, p.Architecture), "START " + agent.StartPath}, last}, err
}

package check

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/app"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/frontend/rule"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
)

// Secrets refuses an app whose steps are given the agent's secrets, or warns
// of it. It goes by the steps that would run. Without the agent it is the app's
// own affair, unless the frontend image says otherwise. Opts are those that the
// app's state is marshalled with.
func (c *Checks) Secrets(ctx context.Context, a *app.App, opts ...llb.ConstraintsOpt) error {
	if c.Options.Mode == option.ModeOff && !c.Options.IsEnforced(option.KeyAppSecrets) {
		return nil
	}
	found, err := c.secretMounts(ctx, a.Result, opts...)
	if err != nil {
		return err
	}
	if !c.Options.AppSecrets {
		return c.refuseMounts(slices.Concat(found, c.laterMounts(a.Image)))
	}
	l, err := c.NewLinter(c.Warnings.Rule(ctx))
	if err != nil {
		return err
	}
	rule.CheckMounts(l, found)
	return l.Error()
}

func (c *Checks) refuseMounts(found []rule.Mount) error {
	if len(found) == 0 {
		return nil
	}
	remedy := ". Give the step a secret with an id of its own, or let it have this one with " + option.KeyAppSecrets + "=warn"
	if c.Options.IsEnforced(option.KeyAppSecrets) {
		remedy = ". " + option.KeyAppSecrets + " is set by the frontend image, which does not let it be changed: give the step a secret with an id of its own"
	}
	return &notice.Error{Message: rule.SecretMount.Format(found[0].ID) + remedy, Line: rule.Origin{Location: found[0].Location}.Line()}
}

// secretMounts returns the steps of an app that are given the agent's secrets.
func (c *Checks) secretMounts(ctx context.Context, a *dockerfile2llb.Result, opts ...llb.ConstraintsOpt) ([]rule.Mount, error) {
	states := []llb.State{a.State}
	if a.SBOM != nil {
		// A scan builds these stages, too.
		for _, name := range slices.Sorted(maps.Keys(a.SBOM.Extras)) {
			states = append(states, a.SBOM.Extras[name])
		}
	}
	var out []rule.Mount
	for _, st := range states {
		def, err := st.Marshal(ctx, opts...)
		if err != nil {
			return nil, fmt.Errorf("marshalling the app: %w", err)
		}
		uses, err := dtllb.SecretUses(def.ToPB(), agent.Secrets)
		if err != nil {
			return nil, fmt.Errorf("reading the app's steps: %w", err)
		}
		for _, u := range uses {
			out = rule.Together(out, []rule.Mount{{ID: u.ID, Location: c.rangesOf(u)}})
		}
	}
	return out, nil
}

// rangesOf returns the lines of the Dockerfile that a step is from, or nil for a
// step of something else, such as another build's.
func (c *Checks) rangesOf(u dtllb.SecretUse) []parser.Range {
	if c.SourceMap == nil || !bytes.Equal(u.Source, c.SourceMap.Data) {
		return nil
	}
	var out []parser.Range
	for _, r := range u.Ranges {
		out = append(out, parser.Range{
			Start: parser.Position{Line: int(r.Start.GetLine()), Character: int(r.Start.GetCharacter())},
			End:   parser.Position{Line: int(r.End.GetLine()), Character: int(r.End.GetCharacter())},
		})
	}
	return out
}

// laterMounts returns the agent's secrets that an image has builds from it mount.
func (c *Checks) laterMounts(img *dockerspec.DockerOCIImage) []rule.Mount {
	var out []rule.Mount
	for _, trigger := range img.Config.OnBuild {
		for _, id := range rule.TriggerMounts(trigger) {
			out = append(out, rule.Mount{ID: id, Location: rule.MountOrigin(c.Dockerfile, c.Target, id).Location})
		}
	}
	return out
}

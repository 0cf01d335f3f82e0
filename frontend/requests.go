package frontend

import (
	"context"
	"slices"

	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/subrequests/convertllb"
	"github.com/moby/buildkit/frontend/subrequests/lint"
	"github.com/moby/buildkit/frontend/subrequests/outline"
	"github.com/moby/buildkit/frontend/subrequests/targets"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/internal/agent"
)

// answers answers questions about the Dockerfile, as BuildKit's own frontend
// does. None of them needs a secret or a cluster. OptErr is what is wrong with
// our options.
func (r *request) answers(optErr error) dockerui.RequestHandler {
	return dockerui.RequestHandler{
		Outline: func(ctx context.Context) (*outline.Outline, error) {
			out, err := dockerfile2llb.Dockerfile2Outline(ctx, r.settings.dockerfile, r.convertOpt(ctx))
			if err != nil || out == nil {
				return out, err
			}
			r.outline(out)
			out.Sources = r.sources()
			return out, nil
		},
		ListTargets: func(ctx context.Context) (*targets.List, error) {
			out, err := dockerfile2llb.ListTargets(ctx, r.settings.dockerfile)
			if err != nil || out == nil {
				return out, err
			}
			out.Sources = r.sources()
			return out, nil
		},
		Lint: func(ctx context.Context) (*lint.LintResults, error) {
			return r.lint(ctx, optErr)
		},
		ConvertLLB: func(ctx context.Context) (*convertllb.Result, error) {
			return dockerfile2llb.DockerfileConvertLLB(ctx, r.settings.dockerfile, r.convertOpt(ctx))
		},
	}
}

// sources is what answers refer to: the Dockerfile as its author knows it.
func (r *request) sources() [][]byte { return [][]byte{r.src.Data} }

// outline adds what the agent's part of a build takes to what the app's does.
func (r *request) outline(out *outline.Outline) {
	for _, s := range r.settings.options.Settings() {
		// As it is written: --build-arg DYNATRACE=mode=off.
		out.Args = append(out.Args, outline.Arg{
			Name: argOptions + "=" + s.Name, Description: s.Description, Value: s.Value,
		})
	}
	ids := agent.Secrets
	switch r.settings.options.Mode {
	case option.ModeOff:
		return
	case option.ModeRuntime:
		ids = []string{agent.SecretAgentCA}
	}
	for _, id := range ids {
		known := slices.ContainsFunc(out.Secrets, func(s outline.Secret) bool { return s.Name == id })
		if !known {
			out.Secrets = append(out.Secrets, outline.Secret{
				Name: id, Required: id == agent.SecretAPIToken || id == agent.SecretTenant,
			})
		}
	}
}

package frontend

import (
	"context"
	"slices"

	"github.com/moby/buildkit/client/llb"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
)

// trusted are certificates of authorities that the agent is to trust.
type trusted struct {
	step llb.State
	// digest is that of the file which the step has left.
	digest string
}

// newTrusted returns those that a step has left, or nil for none.
func newTrusted(step llb.State, report agent.Report) *trusted {
	if report.CA == "" {
		return nil
	}
	return &trusted{step, report.CA}
}

// askTrusted begins to look for certificates where no cluster is asked.
func (b *build) askTrusted(ctx context.Context) *promise[*trusted] {
	return begin(func() (*trusted, error) {
		return askTrusted(ctx, b.solver, b.offlineSteps(), func(msg string) { b.warn(ctx, msg) })
	})
}

// offlineSteps are those of a build that asks no cluster.
func (b *build) offlineSteps() dtllb.Steps {
	return dtllb.Steps{
		Tools:    dtllb.Tools(b.self),
		Platform: b.BuildPlatforms[0],
		Session:  b.BuildOpts().SessionID,
		NoCache:  b.IsNoCache(noCacheName),
	}
}

// askTrusted runs the step that looks for such certificates, where none asks a
// cluster. Without the step nobody knows whether the build was given any.
func askTrusted(ctx context.Context, s solver, steps dtllb.Steps, warn func(string)) (*trusted, error) {
	st := steps.Trust()
	ref, err := s.evaluate(ctx, st)
	if err != nil {
		return nil, stepFailure(ctx, s, steps.Tools, err)
	}
	report, err := takeReport(ctx, ref, warn)
	if err != nil {
		return nil, err
	}
	return newTrusted(st, report), nil
}

// trust puts p's certificates, if there are any, above the agent, or the start
// helper that will install it. The layer of the settings stays the last.
func (p *payload) trust(name string) {
	if p.ca == nil {
		return
	}
	p.layers = slices.Insert(p.layers, 1, layer{dtllb.CertificateLayer(p.ca.step, name), "CERTIFICATES " + name})
	p.labels[agent.LabelCA] = p.ca.digest
}

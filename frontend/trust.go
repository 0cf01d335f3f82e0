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
	layer llb.State
	// digest is the file's.
	digest string
}

// newTrusted returns those that a step has left, or nil for none.
func newTrusted(step llb.State, report agent.Report) *trusted {
	if report.CA == "" {
		return nil
	}
	return &trusted{dtllb.CertificateLayer(step), report.CA}
}

// askTrusted runs the step that looks for such certificates, where none asks a
// cluster. Without the step nobody knows whether the build was given any.
func askTrusted(ctx context.Context, s solver, steps dtllb.Steps, warn func(string)) (*trusted, error) {
	st := steps.Trust()
	ref, err := s.evaluate(ctx, st)
	if err != nil {
		return nil, stepFailure(ctx, s, steps.Tools, err)
	}
	var report agent.Report
	if err := readJSON(ctx, ref, agent.ReportFile, &report); err != nil {
		return nil, err
	}
	for _, w := range report.Warnings {
		warn(w)
	}
	if report.Failure != "" {
		return nil, &failure{message: report.Failure, cause: report.Cause}
	}
	return newTrusted(st, report), nil
}

// trust puts p's certificates, if there are any, on top of the agent.
func (p *payload) trust() {
	if p.ca == nil {
		return
	}
	p.layers = slices.Insert(p.layers, 1, layer{p.ca.layer, "CERTIFICATES " + agent.Dir + "/" + agent.CustomCA})
	p.labels[agent.LabelCA] = p.ca.digest
}

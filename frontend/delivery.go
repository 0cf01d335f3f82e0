package frontend

import (
	"context"
	"errors"
	"time"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
)

// noCacheName is the stage name by which --no-cache-filter reaches the agent's
// download.
const noCacheName = "dynatrace"

// deliveries brings agents into one build, for any number of platforms.
type deliveries struct {
	solver solver
	self   llb.State
	steps  dtllb.Steps
	specs  []agent.Spec
	warn   func(string)
	// started is before anything of this build ran.
	started time.Time
	// answered is closed once answer and err are the cluster's answer.
	answered chan struct{}
	answer   *resolution
	err      error
}

// resolution is the cluster's answer.
type resolution struct {
	state    llb.State
	resolved map[string]agent.Resolved // by agent.Spec.Key
}

// newDeliveries prepares to bring specs into the build of bc. The cluster is
// asked at once, beside whatever the caller does next.
func newDeliveries(ctx context.Context, bc *dockerui.Client, c client.Client, self llb.State, specs []agent.Spec, warn func(string)) *deliveries {
	d := &deliveries{
		solver: solver{client: c, cacheImports: bc.CacheImports},
		self:   self,
		steps: dtllb.Steps{
			Tools:    dtllb.Tools(self),
			Platform: bc.BuildPlatforms[0],
			Network: dtllb.Network{
				Mode:       bc.NetworkMode,
				ExtraHosts: bc.ExtraHosts,
				Proxy:      proxyFromBuildArgs(bc.BuildArgs),
			},
			Session: bc.BuildOpts().SessionID,
			NoCache: bc.IsNoCache(noCacheName),
		},
		specs:    specs,
		warn:     warn,
		started:  time.Now(),
		answered: make(chan struct{}),
	}
	go func() {
		defer close(d.answered)
		d.err = guard(func() (err error) {
			d.answer, err = d.ask(ctx)
			return err
		})()
	}()
	return d
}

// resolution waits for the cluster's answer, which is one for all platforms.
func (d *deliveries) resolution(ctx context.Context) (*resolution, error) {
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-d.answered:
		return d.answer, d.err
	}
}

// ask runs the resolve step. A failure of it is data: see [dtllb.Steps.Resolve].
func (d *deliveries) ask(ctx context.Context) (*resolution, error) {
	st := d.steps.Resolve(d.specs...)
	ref, err := d.solver.evaluate(ctx, st)
	if err != nil {
		return nil, stepFailure(ctx, d.solver, d.steps.Tools, err)
	}
	var report agent.Report
	if err := readJSON(ctx, ref, agent.ReportFile, &report); err != nil {
		return nil, err
	}
	for _, w := range report.Warnings {
		d.warn(w)
	}
	if report.Failure != "" {
		return nil, &failure{message: report.Failure}
	}
	res := &resolution{state: st, resolved: map[string]agent.Resolved{}}
	for _, spec := range d.specs {
		var r agent.Resolved
		if err := readJSON(ctx, ref, spec.Key()+"/"+agent.ResolvedFile, &r); err != nil {
			return nil, err
		}
		res.resolved[spec.Key()] = r
	}
	return res, nil
}

// deliver downloads and installs the agent for spec and packs its layers.
func (d *deliveries) deliver(ctx context.Context, spec agent.Spec, p ocispecs.Platform) (*payload, error) {
	res, err := d.resolution(ctx)
	if err != nil {
		return nil, err
	}
	out, err := d.install(ctx, d.steps, res, spec, p)
	var f *failure
	if errors.As(err, &f) && !f.downloaded.IsZero() && f.downloaded.Before(d.started) {
		// It came from the cache, and may be what was wrong: the cluster has
		// been repaired since, or it was sealed with an API token that has
		// been rotated. Steps run on the daemon's host, as this process does,
		// so both times are of one clock.
		fresh := d.steps
		fresh.NoCache = true
		return d.install(ctx, fresh, res, spec, p)
	}
	return out, err
}

func (d *deliveries) install(ctx context.Context, steps dtllb.Steps, res *resolution, spec agent.Spec, p ocispecs.Platform) (*payload, error) {
	version := res.resolved[spec.Key()].Version
	download := steps.Download(res.state, spec, version)
	installation := steps.Install(res.state, download, spec, version)
	layer := steps.AgentLayer(installation.Tree)
	if _, err := d.solver.evaluate(ctx, layer); err != nil {
		return nil, stepFailure(ctx, d.solver, steps.Tools, err)
	}
	documents, err := d.solver.evaluate(ctx, installation.Documents)
	if err != nil {
		return nil, stepFailure(ctx, d.solver, steps.Tools, err)
	}
	var installed agent.Installed
	if err := readJSON(ctx, documents, agent.InstalledFile, &installed); err != nil {
		return nil, err
	}
	return buildPayload(d.self, layer, installed, p)
}

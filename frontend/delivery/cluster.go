package delivery

import (
	"context"
	"time"

	"github.com/moby/buildkit/client/llb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/agentspec"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/frontend/solve"
	"github.com/org/dt-frontend/frontend/task"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/moduleconfig"
	"github.com/org/dt-frontend/internal/version"
	dtllb "github.com/org/dt-frontend/llb"
)

// deliveries brings agents into one build, for any number of platforms.
type deliveries struct {
	solver  solve.Solver
	self    llb.State
	steps   dtllb.Steps
	options option.Options
	warn    func(string)
	// started is before anything of this build ran.
	started time.Time
	// answer is the cluster's, one for all platforms.
	answer *task.Task[*resolution]
}

// resolution is the cluster's answer.
type resolution struct {
	state    llb.State
	resolved map[string]agent.Resolved // by agent.Spec.Key
	// unavailable says why there is no other, likewise.
	unavailable map[string]string
	ca          *payload.Certificates
}

func (r *resolution) knows(spec agent.Spec) bool {
	_, resolved := r.resolved[spec.Key()]
	_, unavailable := r.unavailable[spec.Key()]
	return resolved || unavailable
}

// Cluster prepares to bring specs into a build. The cluster is asked at once, in
// parallel with whatever the caller does next.
func (s Setup) Cluster(ctx context.Context, specs []agent.Spec) Supplier {
	steps := s.offlineSteps()
	steps.Release = version.String()
	steps.Network = dtllb.Network{
		Mode:       s.Client.NetworkMode,
		ExtraHosts: s.Client.ExtraHosts,
		Proxy:      proxyFromBuildArgs(s.Client.BuildArgs),
	}
	d := &deliveries{
		solver:  solve.Solver{Client: s.Solver.Client, CacheImports: s.Solver.CacheImports},
		self:    s.Self,
		steps:   steps,
		options: s.Options,
		warn:    s.Warn,
		started: time.Now(),
	}
	d.answer = task.Begin(func() (*resolution, error) {
		if len(specs) == 0 {
			return &resolution{}, nil
		}
		return d.ask(ctx, specs)
	})
	return d
}

// ask runs the resolve step. A failure of it is data: see [dtllb.Steps.Resolve].
func (d *deliveries) ask(ctx context.Context, specs []agent.Spec) (*resolution, error) {
	if err := requireNetwork(d.steps.Network.Mode); err != nil {
		return nil, err
	}
	st := d.steps.Resolve(specs...)
	ref, err := d.solver.Evaluate(ctx, st)
	if err != nil {
		return nil, solve.Failure(ctx, d.solver, d.steps.Tools, err)
	}
	report, err := solve.Report(ctx, ref, d.warn)
	if err != nil {
		return nil, err
	}
	res := &resolution{state: st, resolved: map[string]agent.Resolved{}, unavailable: report.Unavailable, ca: payload.NewCertificates(st, report)}
	for _, spec := range specs {
		if _, ok := report.Unavailable[spec.Key()]; ok {
			continue
		}
		var r agent.Resolved
		if err := solve.ReadJSON(ctx, ref, spec.Key()+"/"+agent.ResolvedFile, &r); err != nil {
			return nil, err
		}
		res.resolved[spec.Key()] = r
	}
	return res, nil
}

// Deliver downloads and installs the agent for spec and packs its layers.
func (d *deliveries) Deliver(ctx context.Context, spec agent.Spec, p ocispecs.Platform) (*payload.Payload, error) {
	res, err := d.answer.Wait(ctx)
	if err != nil {
		return nil, err
	}
	if !res.knows(spec) {
		// The last stage is for a platform that nobody asked to build for.
		if res, err = d.ask(ctx, []agent.Spec{spec}); err != nil {
			return nil, err
		}
	}
	if why, ok := res.unavailable[spec.Key()]; ok {
		return nil, &notice.Error{Message: why}
	}
	return attempts{
		run: func(ctx context.Context, steps dtllb.Steps) (*payload.Payload, error) {
			return d.install(ctx, steps, res, spec, p)
		},
		steps: d.steps, patience: sharedPatience, isOld: d.isOld, warn: d.warn,
	}.settle(ctx)
}

// isOld reports whether a download is not of this build. Steps run on the
// daemon's host, as this process does, so that their times are of one clock; a
// download from an imported cache may have any time.
func (d *deliveries) isOld(downloaded time.Time) bool {
	return !downloaded.IsZero() && (downloaded.Before(d.started) || downloaded.After(time.Now()))
}

func (d *deliveries) install(ctx context.Context, steps dtllb.Steps, res *resolution, spec agent.Spec, p ocispecs.Platform) (*payload.Payload, error) {
	version := res.resolved[spec.Key()].Version
	download := steps.Download(res.state, spec, version)
	installation := steps.Install(res.state, download, spec, version)
	layer := steps.AgentLayer(installation.Tree)
	if _, err := d.solver.Evaluate(ctx, layer); err != nil {
		return nil, solve.Failure(ctx, d.solver, steps.Tools, err)
	}
	documents, err := d.solver.Evaluate(ctx, installation.Documents)
	if err != nil {
		return nil, solve.Failure(ctx, d.solver, steps.Tools, err)
	}
	var installed agent.Installed
	if err := solve.ReadJSON(ctx, documents, agent.InstalledFile, &installed); err != nil {
		return nil, err
	}
	switch why := installed.ConfigWarning; {
	case why == "":
	case installed.Config == "":
		d.warn(moduleconfig.NotMerged(why))
	default:
		d.warn(moduleconfig.Warning(why))
	}
	if err := agentspec.CheckLayer(spec, installed, d.options); err != nil {
		return nil, err
	}
	load, err := payload.New(d.self, layer, &installation.Documents, installed, d.options, p)
	if err != nil {
		return nil, err
	}
	load.CA = res.ca
	return load, nil
}

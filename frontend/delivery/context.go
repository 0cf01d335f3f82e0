package delivery

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/containerd/platforms"
	"github.com/distribution/reference"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerui"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/agentspec"
	"github.com/org/dt-frontend/frontend/detect"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/frontend/solve"
	"github.com/org/dt-frontend/frontend/task"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/manifest"
	dtllb "github.com/org/dt-frontend/llb"
)

// contextAgents takes agents out of a build context: an agent image, the
// vendor's image of code modules, or a folder. It needs neither a secret nor a
// network.
type contextAgents struct {
	client  *dockerui.Client
	solver  solve.Solver
	self    llb.State
	steps   dtllb.Steps
	options option.Options
	// ca are the certificates that the agent is to trust.
	ca *task.Task[*payload.Certificates]
}

// Context prepares to take agents out of the build context that the client of s
// has; see [ContextClient]. The options of s are those that [ContextOptions] left.
func (s Setup) Context(ctx context.Context) Supplier {
	return &contextAgents{
		client: s.Client, solver: s.Solver, self: s.Self, options: s.Options,
		steps: s.offlineSteps(),
		ca:    s.Certificates(ctx),
	}
}

// Deliver returns the agent for spec, and what it is to trust.
func (c *contextAgents) Deliver(ctx context.Context, spec agent.Spec, p ocispecs.Platform) (*payload.Payload, error) {
	load, err := c.take(ctx, spec, p)
	if err != nil {
		return nil, err
	}
	load.CA, err = c.ca.Wait(ctx)
	return load, err
}

// take returns the agent for spec. That of an agent image which is named
// with its digest is merged as it is, so that a build moves nothing of it: who
// names a digest knows what it stands for. All else is cleaned and scanned as
// what an installer leaves is.
func (c *contextAgents) take(ctx context.Context, spec agent.Spec, p ocispecs.Platform) (*payload.Payload, error) {
	source, img, err := c.load(ctx, p)
	if err != nil {
		return nil, err
	}
	if in, ours := inAgentImage(img, p); ours && c.isPinned(p) && in.FIPS == spec.FIPS {
		if err := fits(in, spec); err != nil {
			return nil, err
		}
		if err := agentspec.CheckLayer(spec, in, c.options); err != nil {
			return nil, err
		}
		return payload.New(c.self, source, nil, in, c.options, p)
	}
	return c.imported(ctx, source, spec, p)
}

// load returns the context for a platform, and its config if it is an image.
func (c *contextAgents) load(ctx context.Context, p ocispecs.Platform) (llb.State, *dockerspec.DockerOCIImage, error) {
	nc, err := c.client.NamedContext(agent.ContextName, dockerui.ContextOpt{
		Platform: &p, ResolveMode: c.client.ImageResolveMode.String(), NoDockerignore: true,
		AsyncLocalOpts: wholeFolder,
	})
	if err != nil {
		return llb.State{}, nil, err
	}
	if nc == nil {
		return llb.State{}, nil, &notice.Error{Message: fmt.Sprintf("there is no build context %s for %s", agent.ContextName, platforms.Format(p))}
	}
	st, img, err := nc.Load(ctx)
	if err != nil {
		return llb.State{}, nil, err
	}
	if st == nil {
		return llb.State{}, nil, &notice.Error{Message: "the build context " + agent.ContextName + " is empty"}
	}
	return *st, img, nil
}

// wholeFolder has a folder transferred whole. BuildKit keeps what a client sent
// before, and takes files for unchanged that have the same size, mode and time:
// all files of all agents have one time.
func wholeFolder() []llb.LocalOption {
	return []llb.LocalOption{llb.Differ(llb.DiffNone, false)}
}

// isPinned reports whether the context is an image that was named with its
// digest. Of an OCI layout one cannot tell: the client adds it.
func (c *contextAgents) isPinned(p ocispecs.Platform) bool {
	opts := c.client.BuildOpts().Opts
	value, ok := opts[contextKey+"::"+platforms.FormatAll(platforms.Normalize(p))]
	if !ok {
		value = opts[contextKey]
	}
	name, ok := strings.CutPrefix(value, "docker-image:")
	if !ok {
		return false
	}
	ref, err := reference.ParseNormalizedNamed(strings.TrimPrefix(name, "//"))
	if err != nil {
		return false
	}
	_, digested := ref.(reference.Digested)
	return digested
}

// imported cleans and scans the agent of source.
func (c *contextAgents) imported(ctx context.Context, source llb.State, spec agent.Spec, p ocispecs.Platform) (*payload.Payload, error) {
	where, err := c.find(ctx, source)
	if err != nil {
		return nil, err
	}
	installation := c.steps.Import(source, where, spec)
	layer := c.steps.AgentLayer(installation.Tree)
	for _, st := range []llb.State{layer, c.steps.Check(layer)} {
		if _, err := c.solver.Evaluate(ctx, st); err != nil {
			return nil, solve.Failure(ctx, c.solver, c.steps.Tools, err)
		}
	}
	documents, err := c.solver.Evaluate(ctx, installation.Documents)
	if err != nil {
		return nil, solve.Failure(ctx, c.solver, c.steps.Tools, err)
	}
	var in agent.Installed
	if err := solve.ReadJSON(ctx, documents, agent.InstalledFile, &in); err != nil {
		return nil, err
	}
	if err := agentspec.CheckLayer(spec, in, c.options); err != nil {
		return nil, err
	}
	return payload.New(c.self, layer, &installation.Documents, in, c.options, p)
}

// places are where a context may have the agent's folder: as in an image, as an
// installer leaves it below its prefix, or by itself.
var places = []string{agent.Dir, "/" + agent.Suffix, "/" + agent.Name, "/"}

// find returns the agent's folder in source: the one with the agent's manifest.
func (c *contextAgents) find(ctx context.Context, source llb.State) (string, error) {
	ref, err := c.solver.Evaluate(ctx, source)
	if err != nil {
		return "", err
	}
	for _, dir := range places {
		if ref == nil {
			break
		}
		st, err := detect.Stat(ctx, ref, path.Join(dir, manifest.File))
		if err != nil {
			return "", err
		}
		if st != nil {
			return dir, nil
		}
	}
	return "", &notice.Error{Message: fmt.Sprintf("the build context %s holds no agent: expected %s in one of %s",
		agent.ContextName, manifest.File, strings.Join(places, ", "))}
}

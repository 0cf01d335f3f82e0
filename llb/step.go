package llb

import (
	"crypto/rand"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/internal/agent"
)

// Where steps find their parts. The paths are part of every cache key: to
// change one is to make every user download again.
const (
	// InstallBin is the program of every step.
	InstallBin = "/bin/dt-install"
	// OutPath is where a step leaves its documents.
	OutPath = "/out"

	resolvedPath  = "/run/agent"
	configPath    = "/run/config"
	installerPath = "/run/installer"
	tmpPath       = "/tmp"
	// prefixPath is the vendor's own default prefix: its script finds itself
	// where it will lie in the image.
	prefixPath = agent.Prefix
	// cleanPath is where install hands the clean agent on.
	cleanPath = "/agent"
)

// Network is how steps reach the cluster.
type Network struct {
	Mode       pb.NetMode
	ExtraHosts []llb.HostIP
	Proxy      *llb.ProxyEnv
}

// Steps makes the execs of one build. All of them run on the same root file
// system, read-only, on the platform that builds, whatever the target's.
type Steps struct {
	// Tools is the root file system; see [Tools].
	Tools llb.State
	// Release is the frontend's, for what a cluster is told of who asks. It is no
	// part of a step that is cached.
	Release string
	// Platform is the one that builds.
	Platform ocispecs.Platform
	Network  Network
	// Nonce keeps a step of this build alone: see [NewNonce].
	Nonce string
	// NoCache runs every step anew. What depends on a step that failed has to
	// be included: BuildKit remembers the failure of each for as long as the
	// build lasts, and takes a step without a cache for another one.
	NoCache bool
	// Private keeps every step from being shared with any other build, including
	// builds of the same environment.
	Private bool
}

// fresh are the options of every step by which NoCache reaches it.
func (s Steps) fresh() []llb.ConstraintsOpt {
	if !s.NoCache {
		return nil
	}
	return []llb.ConstraintsOpt{llb.IgnoreCache}
}

// run returns an exec of dt-install. Args hold no secret: they stand in cache
// keys, errors and provenance.
func (s Steps) run(name string, args []string, opts ...llb.RunOption) llb.ExecState {
	opts = append([]llb.RunOption{
		llb.Args(append([]string{InstallBin}, args...)),
		llb.ReadonlyRootFS(),
		llb.Platform(s.Platform),
		llb.AddEnv("PATH", "/bin"),
		llb.Dir("/"),
		llb.WithCustomName(name),
		// On disk and not in memory: an agent has more than a gigabyte.
		llb.AddMount(tmpPath, llb.Scratch(), llb.ForceNoOutput),
	}, opts...)
	for _, opt := range s.fresh() {
		opts = append(opts, opt)
	}
	if s.Private {
		opts = append(opts, s.alone())
	}
	return s.Tools.Run(opts...)
}

// NewNonce returns what no other build knows or has. BuildKit runs equal steps
// of several builds once, for all of them, and takes each secret from any of
// their sessions. A step with a nonce has no equal: to submit one takes the
// nonce.
//
// The builder shows it after the build alone, in provenance of mode=max and in
// the build's history. Then the step has ended, and an equal one is given the
// secrets of its own build.
func NewNonce() string { return rand.Text() + rand.Text() }

// alone keeps a step from being shared with any other build.
func (s Steps) alone() llb.RunOption {
	return llb.AddEnv("BUILD_NONCE", s.Nonce)
}

// network lets a step reach the cluster.
func (s Steps) network() llb.RunOption {
	return runOptions{
		llb.Network(s.Network.Mode),
		extraHosts(s.Network.ExtraHosts),
		proxy(s.Network.Proxy),
	}
}

// secrets mounts what it takes to talk to the cluster. Only a step of one build
// alone may have several secrets: see [Steps.alone].
func secrets() llb.RunOption { return mounted(agent.ClusterSecrets...) }

// token mounts the one secret of the steps that builds share: it opens what
// resolve handed on to them. A step with one secret is given no mixture.
func token() llb.RunOption { return mounted(agent.SecretAPIToken) }

// mounted mounts secrets as files of root alone. All are optional, since
// BuildKit's word for a missing one does not say what to do about it; the step
// checks them itself.
func mounted(ids ...string) llb.RunOption {
	var opts runOptions
	for _, id := range ids {
		opts = append(opts, llb.AddSecret(agent.SecretsDir+"/"+id,
			llb.SecretID(id), llb.SecretOptional, llb.SecretFileOpt(0, 0, 0o400)))
	}
	return opts
}

// resolved mounts the agent.json of spec. The mount is keyed by the file's
// content, so a step that has it is shared by builds with the same API token and
// the same way to the cluster, and by no others.
func resolved(st llb.State, spec agent.Spec) llb.RunOption {
	return llb.AddMount(resolvedPath, st, llb.Readonly, llb.SourcePath("/"+spec.Key()))
}

// config mounts the configuration that resolve left, keyed by its content.
func config(st llb.State) llb.RunOption {
	return llb.AddMount(configPath, st, llb.Readonly, llb.SourcePath("/"+agent.ConfigDir))
}

func extraHosts(hosts []llb.HostIP) llb.RunOption {
	var opts runOptions
	for _, h := range hosts {
		opts = append(opts, llb.AddExtraHost(h.Host, h.IP))
	}
	return opts
}

func proxy(env *llb.ProxyEnv) llb.RunOption {
	if env == nil {
		return runOptions{}
	}
	return llb.WithProxy(*env)
}

// runOptions is several options in one.
type runOptions []llb.RunOption

var _ llb.RunOption = runOptions{}

// SetRunOption applies every option in turn.
func (o runOptions) SetRunOption(ei *llb.ExecInfo) {
	for _, opt := range o {
		opt.SetRunOption(ei)
	}
}

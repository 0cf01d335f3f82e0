package llb

import (
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/org/dt-frontend/internal/agent"
)

// Installation is the outcome of an install step. The documents lie apart from
// the tree, so that to read them from an imported cache pulls no agent.
type Installation struct {
	// Tree holds the agent below /dynatrace/oneagent, free of cluster links. It
	// has never held any: BuildKit keeps what lies on a mount with an output even
	// if the step is killed.
	Tree llb.State
	// Documents holds installed.json.
	Documents llb.State
}

// Install runs the installer without a network, as it is foreign code, and
// cleans, normalises and scans what it leaves. What is to be merged into the
// agent's configuration is for this step alone: where that changes, nothing is
// downloaded again.
func (s Steps) Install(resolve, download llb.State, spec agent.Spec, version string) Installation {
	args := append(installerArgs("install", spec),
		"--installer", installerPath,
		"--prefix", prefixPath,
		"--tree", cleanPath,
	)
	if spec.FIPS {
		args = append(args, "--fips")
	}
	args = append(args, groupArgs(spec)...)
	opts := runOptions{resolved(resolve, spec)}
	if spec.Config {
		args = append(args, "--config", configPath+"/"+agent.ConfigFile)
		opts = append(opts, config(resolve))
	}
	run := s.run(stepName("install", spec, version), args,
		opts,
		llb.AddMount(installerPath, download, llb.Readonly),
		llb.AddMount(prefixPath, llb.Scratch(), llb.ForceNoOutput),
		llb.Network(pb.NetMode_NONE),
		token(),
	)
	return Installation{
		Tree:      run.AddMount(cleanPath, llb.Scratch()),
		Documents: run.AddMount(OutPath, llb.Scratch()),
	}
}

package llb

import (
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/org/dt-frontend/internal/agent"
)

// Installation is the outcome of an install step. The documents lie apart from
// the tree, so that to read them from an imported cache pulls no agent.
type Installation struct {
	// Tree holds the agent below /dynatrace/oneagent, free of cluster links.
	Tree llb.State
	// Documents holds installed.json.
	Documents llb.State
}

// Install runs the installer without a network, as it is foreign code, and
// cleans, normalises and scans what it leaves.
func (s Steps) Install(resolve, download llb.State, spec agent.Spec, version string) Installation {
	args := append(specArgs("install", spec),
		"--installer", installerPath,
		"--prefix", prefixPath,
	)
	if spec.FIPS {
		args = append(args, "--fips")
	}
	run := s.run(stepName("install", spec, version), args,
		resolved(resolve, spec),
		llb.AddMount(installerPath, download, llb.Readonly),
		llb.Network(pb.NetMode_NONE),
		secrets(),
	)
	return Installation{
		Tree:      run.AddMount(prefixPath, llb.Scratch()),
		Documents: run.AddMount(OutPath, llb.Scratch()),
	}
}

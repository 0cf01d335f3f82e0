package llb

import (
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/org/dt-frontend/internal/agent"
)

// treePath is where a step finds an agent that it only reads.
const treePath = "/run/tree"

// Import cleans, normalises and scans an agent that somebody else installed and
// that lies at path in source, as [Steps.Install] does with what an installer
// leaves. It needs no secret and no network, so that all builds may share it.
func (s Steps) Import(source llb.State, path string, spec agent.Spec) Installation {
	args := []string{
		"import", "--arch", string(spec.Arch), "--flavor", string(spec.Flavor),
		"--prefix", prefixPath, "--out", OutPath,
	}
	if spec.Version != "" {
		args = append(args, "--version", spec.Version)
	}
	if spec.FIPS {
		args = append(args, "--fips")
	}
	agents := llb.Scratch().File(
		llb.Copy(source, path, "/"+agent.Suffix, &llb.CopyInfo{CopyDirContentsOnly: true, CreateDestPath: true}),
		internalName("take the agent out of its context"))
	run := s.run("[dynatrace] import OneAgent ("+string(spec.Flavor)+", "+string(spec.Arch)+")", args,
		llb.Network(pb.NetMode_NONE))
	return Installation{
		Tree:      run.AddMount(prefixPath, agents),
		Documents: run.AddMount(OutPath, llb.Scratch()),
	}
}

// Check scans a tree for the values of the secrets that the build was given, if
// any. It runs in every build, since BuildKit's cache does not know whose
// secrets they were; its output holds nothing but, where it fails, a report.
func (s Steps) Check(tree llb.State) llb.State {
	run := s.run("[dynatrace] look for secrets in the agent", []string{"check", "--tree", treePath, "--out", OutPath},
		llb.AddMount(treePath, tree, llb.Readonly),
		s.alone(),
		llb.IgnoreCache,
		llb.WithoutExportCache(),
		llb.Network(pb.NetMode_NONE),
		secrets(),
	)
	return run.AddMount(OutPath, llb.Scratch())
}

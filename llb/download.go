package llb

import (
	"fmt"

	"github.com/moby/buildkit/client/llb"
	"github.com/org/dt-frontend/internal/agent"
)

// Download fetches the installer that resolved names for spec. The raw
// installer is not ours to hand on, so the result is kept out of exported
// caches; version is for people and is no part of the key.
func (s Steps) Download(resolve llb.State, spec agent.Spec, version string) llb.State {
	opts := runOptions{
		resolved(resolve, spec),
		llb.WithoutExportCache(),
		s.network(),
		secrets(),
	}
	if s.NoCache {
		opts = append(opts, llb.IgnoreCache)
	}
	run := s.run(stepName("download", spec, version), specArgs("download", spec), opts)
	return run.AddMount(OutPath, llb.Scratch())
}

// specArgs are the arguments of a step for one agent. They stand for the whole
// of spec in the step's cache key.
func specArgs(command string, spec agent.Spec) []string {
	return []string{
		command,
		"--arch", string(spec.Arch),
		"--flavor", string(spec.Flavor),
		"--include", spec.Technologies(),
		"--resolved", resolvedPath + "/" + agent.ResolvedFile,
		"--out", OutPath,
	}
}

func stepName(verb string, spec agent.Spec, version string) string {
	return fmt.Sprintf("[dynatrace] %s OneAgent %s (%s, %s, %s)",
		verb, version, spec.Flavor, spec.Arch, spec.Technologies())
}

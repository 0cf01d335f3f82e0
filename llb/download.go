package llb

import (
	"fmt"

	"github.com/moby/buildkit/client/llb"
	"github.com/org/dt-frontend/internal/agent"
)

// Download fetches the installer that resolve's answer names for spec. It is
// not ours to hand on: it is kept out of exported caches, and sealed for where
// BuildKit exports it all the same (see the package seal). Version is for
// people and no part of the key.
func (s Steps) Download(resolve llb.State, spec agent.Spec, version string) llb.State {
	args := append(installerArgs("download", spec), zoneArgs(spec)...)
	if spec.Checksum != "" {
		args = append(args, "--checksum", spec.Checksum)
	}
	run := s.run(stepName("download", spec, version), args,
		resolved(resolve, spec),
		llb.WithoutExportCache(),
		s.network(),
		token(),
	)
	return run.AddMount(OutPath, llb.Scratch())
}

// installerArgs are the arguments of a step that handles one agent's installer.
// With what resolve and download left they stand for the whole of spec in the
// step's cache key.
func installerArgs(command string, spec agent.Spec) []string {
	args := []string{
		command,
		"--arch", string(spec.Arch),
		"--flavor", string(spec.Flavor),
		"--include", spec.Include.String(),
		"--resolved", resolvedPath + "/" + agent.ResolvedFile,
		"--out", OutPath,
	}
	if spec.Archive {
		args = append(args, "--archive")
	}
	return args
}

// zoneArgs are for the steps that ask the cluster.
func zoneArgs(spec agent.Spec) []string {
	if spec.NetworkZone == "" {
		return nil
	}
	return []string{"--network-zone", spec.NetworkZone}
}

// groupArgs are for the steps that the host group is for. The installer is the
// same for all, so none of this is in the key of its download.
func groupArgs(spec agent.Spec) []string {
	if spec.HostGroup == "" {
		return nil
	}
	return []string{"--host-group", spec.HostGroup}
}

func stepName(verb string, spec agent.Spec, version string) string {
	return fmt.Sprintf("[dynatrace] %s OneAgent %s (%s, %s, %s)",
		verb, version, spec.Flavor, spec.Arch, spec.Include)
}

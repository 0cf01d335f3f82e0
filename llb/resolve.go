package llb

import (
	"github.com/moby/buildkit/client/llb"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/version"
)

// Resolve asks the cluster what it will deliver for specs, all in one network
// zone and with or without its configuration. The result has a folder for each
// spec's key with agent.json in it, one with the configuration, and report.json
// at the top: a cluster that cannot be asked is reported there, so
// that the step itself ends well and its process is not what the user reads
// about. Beside them lies [agent.CAFile], if the build was given such
// certificates.
//
// It runs in every build and is shared with no other: its answer is what all
// cache keys after it rest on.
func (s Steps) Resolve(specs ...agent.Spec) llb.State {
	args := []string{"resolve", "--out", OutPath}
	for _, spec := range specs {
		args = append(args, "--agent", spec.Query())
	}
	if len(specs) > 0 {
		args = append(args, zoneArgs(specs[0])...)
		if specs[0].Config {
			args = append(append(args, "--config"), groupArgs(specs[0])...)
		}
	}
	run := s.run("[dynatrace] ask the cluster for its agent", args,
		s.alone(),
		llb.IgnoreCache,
		llb.WithoutExportCache(),
		s.network(),
		llb.AddEnv(version.Variable, s.Release),
		secrets(),
		// No later step is keyed by it but through the certificates themselves.
		mounted(agent.SecretAgentCA),
	)
	return run.AddMount(OutPath, llb.Scratch())
}

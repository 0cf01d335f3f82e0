package llb

import (
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/org/dt-frontend/internal/agent"
)

// Trust takes the certificates that the agent is to trust out of their
// secret, where no [Steps.Resolve] does: its result has [agent.CAFile], if there
// are any, and report.json. A failure is reported there, likewise.
//
// It runs in every build and is shared with no other: BuildKit's cache does not
// know whose secret it was. What follows is keyed by the file's content.
func (s Steps) Trust() llb.State {
	run := s.run("[dynatrace] look for certificates for the agent", []string{"trust", "--out", OutPath},
		s.alone(),
		llb.IgnoreCache,
		llb.WithoutExportCache(),
		llb.Network(pb.NetMode_NONE),
		// The others are what must not be in a certificate.
		secrets(),
		mounted(agent.SecretAgentCA),
	)
	return run.AddMount(OutPath, llb.Scratch())
}

// CertificateLayer packs [agent.CAFile] of a step's output as
// [agent.CustomCAPath]. The agent layer is the same with and without it.
func CertificateLayer(step llb.State) llb.State {
	return packed("certificate", "/var", llb.Copy(step, "/"+agent.CAFile, agent.CustomCAPath, &llb.CopyInfo{CreateDestPath: true}))
}

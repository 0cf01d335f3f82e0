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
		s.session(),
		llb.IgnoreCache,
		llb.WithoutExportCache(),
		llb.Network(pb.NetMode_NONE),
		// The others are what must not be in a certificate.
		secrets(),
		mounted(agent.SecretAgentCA),
	)
	return run.AddMount(OutPath, llb.Scratch())
}

// CertificateLayer packs [agent.CAFile] of a step's output, by another name. It
// is apart from the agent, which stays the same with any or none.
func CertificateLayer(step llb.State, name string) llb.State {
	return packed("certificate", llb.Copy(step, "/"+agent.CAFile, name, &llb.CopyInfo{CreateDestPath: true}))
}

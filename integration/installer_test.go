package integration

import (
	"testing"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// Scripts may do what they do in ways of their own.
func TestInstallersThatWork(t *testing.T) {
	for _, kind := range []cluster.FaultKind{
		cluster.ScriptSilent, cluster.ScriptNamesBash, cluster.ScriptFixedPrefix, cluster.ScriptUsesTools,
	} {
		t.Run(string(kind), func(t *testing.T) {
			env := newEnvironment(t)
			plain := build(t, request{dockerfile: smallApp, secrets: withSecrets(env)})
			env.SetFault(cluster.Fault{Kind: kind})
			r := build(t, request{
				dockerfile: smallApp, secrets: withSecrets(env),
				args: []string{"--no-cache-filter=dynatrace"},
			})
			require.Len(t, env.Installers(), 2, "control: it was another one")
			require.Equal(t, agentDiffID(t, plain), agentDiffID(t, r), "the same agent comes of it")
		})
	}
}

// What asks for the machine is told the target's, by whatever name it calls
// uname, though nothing here can run the other's programs.
func TestInstallersSeeTheTargetsMachine(t *testing.T) {
	for _, platform := range []string{"linux/amd64", "linux/arm64", "linux/ppc64le", "linux/s390x"} {
		t.Run(platform, func(t *testing.T) {
			env := newEnvironment(t)
			env.SetFault(cluster.Fault{Kind: cluster.ScriptAsksMachine})
			r := build(t, request{
				dockerfile: "# syntax=SYNTAX\nFROM scratch\nCOPY Dockerfile /\n",
				secrets:    withSecrets(env),
				args:       []string{"--platform=" + platform},
			})
			requireAgent(t, r.image(t), agent.FlavorDefault)
		})
	}
}

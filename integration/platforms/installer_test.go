package platforms

import (
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// Scripts may do what they do in ways of their own.
func TestInstaller_OddOnesWork(t *testing.T) {
	for _, kind := range []cluster.FaultKind{
		cluster.ScriptSilent, cluster.ScriptNamesBash, cluster.ScriptFixedPrefix, cluster.ScriptUsesTools,
	} {
		t.Run(string(kind), func(t *testing.T) {
			env := tenant.New(t)
			plain := buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env)})
			env.SetFault(cluster.Fault{Kind: kind})
			r := buildx.Build(t, buildx.Request{
				Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env),
				Args: []string{"--no-cache-filter=dynatrace"},
			})
			require.Len(t, env.Installers(), 2, "control: it was another one")
			require.Equal(t, inspect.AgentDiffID(t, plain), inspect.AgentDiffID(t, r), "the same agent comes of it")
		})
	}
}

// What asks for the machine is told the target's, by whatever name it calls
// uname, though nothing here can run the other's programs.
func TestInstaller_SeesTheTargetsMachine(t *testing.T) {
	for _, platform := range []string{"linux/amd64", "linux/arm64", "linux/ppc64le", "linux/s390x"} {
		t.Run(platform, func(t *testing.T) {
			env := tenant.New(t)
			env.SetFault(cluster.Fault{Kind: cluster.ScriptAsksMachine})
			r := buildx.Build(t, buildx.Request{
				Dockerfile: "# syntax=SYNTAX\nFROM scratch\nCOPY Dockerfile /\n",
				Secrets:    tenant.Secrets(env),
				Args:       []string{"--platform=" + platform},
			})
			requireAgent(t, r.Image(t), agent.FlavorDefault)
		})
	}
}

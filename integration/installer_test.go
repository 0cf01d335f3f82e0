package integration

import (
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/integration/cluster"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// Each way in which a script fails is said in one line, which names the way out
// if there is one. Nothing of the failure is kept.
func TestInstallersThatFail(t *testing.T) {
	const (
		paas = ": set installer=paas, which unpacks the zip archive and runs nothing"
		bash = "bash, which build steps do not have" + paas
	)
	for kind, want := range map[cluster.FaultKind][]string{
		cluster.FaultNoFiles:     {"the installer said that all went well (exit status 0), but installed nothing; its last line: \"Unpacking complete.\""},
		cluster.FaultNoFolder:    {"the installer said that all went well (exit status 0), but installed nothing; its last line: \"Unpacking complete.\""},
		cluster.FaultSilentFails: {"the installer failed (exit status 3) and printed nothing"},
		cluster.FaultWantsRoot:   {"must be run as root", "it may want to be root, and runs as nobody" + paas},
		cluster.FaultBashSyntax:  {"syntax error", "it is written for " + bash},
		cluster.FaultBashByEnv:   {"syntax error", "it is written for " + bash},
		cluster.FaultBashChecked: {"must be run with bash", "it wants " + bash},
		cluster.FaultBashCalled:  {"bash: not found", "it wants " + bash},
		cluster.FaultBashBecome:  {"bash: not found", "it wants " + bash},
		cluster.FaultBashUnnamed: {"syntax error", "the shell of build steps does not know all that it uses" + paas},
		cluster.FaultFillsDisk:   {"the installer left more than 4294967296 bytes; no agent is that large"},
		// What a minute without a sign of life ends.
		cluster.FaultHangs: {"the installer hung: it gave no sign of life for 1m0s and printed nothing"},
	} {
		t.Run(string(kind), func(t *testing.T) {
			env := newEnvironment(t)
			env.SetFault(cluster.Fault{Kind: kind})
			r := buildFails(t, request{dockerfile: smallApp, secrets: withSecrets(env)})
			last := lastError(t, r)
			figure("%s: %.1f s: %s", kind, r.took.Seconds(), last)
			require.Contains(t, last, "dynatrace: ")
			for _, text := range want {
				require.Contains(t, last, text)
			}
			require.NotContains(t, last, "did not complete successfully")
			requireNoSecrets(t, r.output, env)

			env.ClearFaults()
			build(t, request{dockerfile: smallApp, secrets: withSecrets(env)})
		})
	}
}

// What the errors name is a way out.
func TestTheArchiveNeedsNoShell(t *testing.T) {
	for _, kind := range []cluster.FaultKind{cluster.FaultBashSyntax, cluster.FaultWantsRoot} {
		env := newEnvironment(t)
		env.SetFault(cluster.Fault{Kind: kind})
		r := build(t, request{
			dockerfile: debianApp, secrets: withSecrets(env),
			args: []string{"--build-arg", "DYNATRACE=installer=paas"},
		})
		requireAgent(t, r.image(t), agent.FlavorDefault)
	}
}

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

// Of what a script writes elsewhere nothing is in the image.
func TestInstallersThatWriteOutside(t *testing.T) {
	env := newEnvironment(t)
	env.SetFault(cluster.Fault{Kind: cluster.FaultOutside})
	r := build(t, request{dockerfile: smallApp, secrets: withSecrets(env)})
	require.NoError(t, filepath.WalkDir(r.unpack(t), func(name string, d fs.DirEntry, err error) error {
		require.NotEqual(t, cluster.Outside, filepath.Base(name), name)
		return err
	}))
}

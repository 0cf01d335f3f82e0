package tree

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// installed returns what the installer of a cluster that leaves every documented
// link in it makes, and what is a link.
func installed(t *testing.T, version string) (string, []cluster.Secret) {
	t.Helper()
	s := cluster.New(cluster.Options{Logf: t.Logf, Library: func(agent.Arch, agent.Flavor) (string, error) {
		name := filepath.Join(t.TempDir(), "lib")
		lib := sharedObject()
		binary.LittleEndian.PutUint16(lib[58:], 0)
		return name, os.WriteFile(name, lib, 0o600)
	}})
	require.NoError(t, s.Start(""))
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	env := s.AddEnvironment(cluster.WithIgnoredSkipMetadata())
	in, err := env.Installer(cluster.Spec{Version: version, SkipMetadata: true})
	require.NoError(t, err)
	prefix := t.TempDir()
	out, err := exec.CommandContext(t.Context(), "busybox", "sh", in.Path, prefix).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return filepath.Join(prefix, agent.Suffix), env.Secrets()
}

// TestTheWrapperWorksWithoutLinks: dynatrace-agent64.sh stays, for those whose
// images name it as their entrypoint. It starts the app, with the library and
// without a word of the environment that the agent was fetched from.
func TestTheWrapperWorksWithoutLinks(t *testing.T) {
	for _, version := range cluster.DefaultVersions {
		t.Run(version, func(t *testing.T) {
			dir, secrets := installed(t, version)
			run := func() string {
				cmd := exec.CommandContext(t.Context(), "busybox", "sh", filepath.Join(dir, "dynatrace-agent64.sh"), "busybox", "env")
				cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "OF_THE_APP=1"}
				out, err := cmd.CombinedOutput()
				require.NoError(t, err, "%s", out)
				return string(out)
			}
			before := run()
			for _, s := range secrets {
				if s.Name == "tenant token" {
					require.Contains(t, before, "DT_TENANTTOKEN="+s.Value, "control")
				}
			}

			root, err := os.OpenRoot(dir)
			require.NoError(t, err)
			defer root.Close()
			_, err = Clean(t.Context(), root, Options{Spec: agent.Spec{Arch: agent.ArchX86, Flavor: agent.FlavorDefault}, Version: version})
			require.NoError(t, err)
			after := run()
			require.Contains(t, after, "OF_THE_APP=1\n")
			require.Contains(t, after, "LD_PRELOAD="+filepath.Join(dir, agent.PreloadLibrary)+"\n")
			require.NotContains(t, after, "DT_")
			for _, s := range secrets {
				require.NotContains(t, after, s.Value, s.Name)
			}
			for _, name := range agent.WritableDirs {
				entries, err := os.ReadDir(filepath.Join(dir, name))
				require.NoError(t, err)
				for _, e := range entries {
					require.Equal(t, "ignore_me.txt", e.Name(), "what the installation left is gone")
				}
			}
		})
	}
}

// TestCleanTwice: nothing is left to remove, and what stands stays as it is.
func TestCleanTwice(t *testing.T) {
	dir, _ := installed(t, cluster.DefaultVersions[0])
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	want := Options{Spec: agent.Spec{Arch: agent.ArchX86, Flavor: agent.FlavorDefault}, Version: cluster.DefaultVersions[0]}
	first, err := Clean(t.Context(), root, want)
	require.NoError(t, err)
	second, err := Clean(t.Context(), root, want)
	require.NoError(t, err)
	require.Equal(t, first, second)
	conf, err := os.ReadFile(filepath.Join(dir, "agent/conf/ruxitagentproc.conf"))
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(conf), "# OneAgent process agent configuration\n"), "%s", conf)
	require.Contains(t, string(conf), "\n[agentType]\napache on\n")
}

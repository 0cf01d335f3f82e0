package buildpack

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	dynatrace "github.com/Dynatrace/libbuildpack-dynatrace"
	"github.com/cloudfoundry/libbuildpack"
	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/standin/cluster"
)

// staged is what a buildpack leaves for an app.
type staged struct{ app, deps string }

// stage runs the hook as a buildpack for Node.js does.
func stage(t *testing.T, credentials map[string]string) (staged, error) {
	t.Helper()
	// The hook keeps the installer in there.
	t.Setenv("TMPDIR", t.TempDir())
	services, err := json.Marshal(map[string]any{
		"user-provided": []any{map[string]any{"name": "my-dynatrace", "credentials": credentials}},
	})
	require.NoError(t, err)
	t.Setenv("VCAP_SERVICES", string(services))

	pack := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(pack, "manifest.yml"), []byte("language: nodejs\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(pack, "VERSION"), []byte("1.2.3"), 0o644))
	logger := libbuildpack.NewLogger(t.Output())
	manifest, err := libbuildpack.NewManifest(pack, logger, time.Now())
	require.NoError(t, err)
	s := staged{app: t.TempDir(), deps: t.TempDir()}
	require.NoError(t, os.MkdirAll(filepath.Join(s.deps, "0", "profile.d"), 0o755))
	stager := libbuildpack.NewStager([]string{s.app, t.TempDir(), s.deps, "0"}, logger, manifest)
	hook := dynatrace.NewHook("nodejs", "process").(*dynatrace.Hook)
	hook.Log, hook.MaxDownloadRetries = logger, 0
	return s, hook.AfterCompile(stager)
}

// start runs an app as the platform does, which reads the profile first.
func (s staged) start(t *testing.T, name string, args ...string) {
	t.Helper()
	profile := filepath.Join(s.deps, "0", "profile.d", "dynatrace-env.sh")
	cmd := exec.CommandContext(t.Context(), "/bin/bash", append([]string{"-c", `. "$0" && exec "$@"`, profile, name}, args...)...)
	cmd.Env = []string{"HOME=" + s.app, "PATH=" + os.Getenv("PATH")}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

func environment(t *testing.T, options ...cluster.EnvironmentOption) *cluster.Environment {
	t.Helper()
	server := cluster.New(cluster.Options{Logf: t.Logf})
	require.NoError(t, server.Start(""))
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return server.AddEnvironment(options...)
}

func TestTheBuildpackInstalls(t *testing.T) {
	for name, tc := range map[string]struct {
		options []cluster.EnvironmentOption
		more    map[string]string
	}{
		"as it is":                 {},
		"old":                      {options: []cluster.EnvironmentOption{cluster.WithTarget(cluster.DefaultVersions[0])}},
		"no process group":         {options: []cluster.EnvironmentOption{cluster.WithoutProcess(), cluster.WithoutManifestVersion()}},
		"network zone":             {options: []cluster.EnvironmentOption{cluster.WithNetworkZones("zone")}, more: map[string]string{"networkzone": "zone"}},
		"FIPS":                     {more: map[string]string{"enablefips": "true"}},
		"additional code module":   {more: map[string]string{"addtechnologies": "java"}},
		"thousands of small files": {options: []cluster.EnvironmentOption{cluster.WithSmallFiles(2300)}},
	} {
		t.Run(name, func(t *testing.T) {
			env := environment(t, tc.options...)
			credentials := map[string]string{"environmentid": env.ID(), "apitoken": env.APIToken(), "apiurl": env.APIURL()}
			for key, value := range tc.more {
				credentials[key] = value
			}
			s, err := stage(t, credentials)
			require.NoError(t, err)
			s.start(t, "/bin/sleep", "0")
			in, err := env.WaitCheckIn(t.Context(), func(c cluster.CheckIn) bool { return c.Process == "sleep" })
			require.NoError(t, err)
			require.Equal(t, env.ID(), in.AgentTenant)

			home := filepath.Join(s.app, "dynatrace/oneagent")
			conf, err := os.ReadFile(filepath.Join(home, "agent/conf/ruxitagentproc.conf"))
			require.NoError(t, err)
			require.Contains(t, string(conf), "merge between the installer and the Cluster config")
			require.Contains(t, string(conf), "\ndockerInjection on\n")
			_, err = os.Stat(filepath.Join(home, "agent/dt_fips_disabled.flag"))
			require.Equal(t, tc.more["enablefips"] == "true", os.IsNotExist(err))
			if java := tc.more["addtechnologies"]; java != "" {
				require.FileExists(t, filepath.Join(home, "agent/bin", cluster.DefaultTarget, "linux-x86-64/liboneagentjava.so"))
			}
		})
	}
}

func TestTheBuildpackIsRefused(t *testing.T) {
	env := environment(t)
	for status, token := range map[string]string{"401": env.APIToken() + "X", "403": env.AddToken()} {
		_, err := stage(t, map[string]string{"environmentid": env.ID(), "apitoken": token, "apiurl": env.APIURL()})
		require.ErrorContains(t, err, status)
	}
}

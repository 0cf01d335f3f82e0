package build

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// bake runs `buildx bake` in a directory, with the secrets as variables of its
// environment. Buildx reads compose files with compose's own library.
func bake(t *testing.T, dir string, secrets map[string]string, args ...string) (stdout, all string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "buildx", append([]string{"bake", "--progress=plain"}, args...)...)
	cmd.Dir = dir
	// Bake asks before it writes an archive outside of the directory that it is in.
	cmd.Env = append(os.Environ(), "BUILDX_BAKE_ENTITLEMENTS_FS=0")
	for id, v := range secrets {
		cmd.Env = append(cmd.Env, id+"="+v)
	}
	var out bytes.Buffer
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	require.NoError(t, cmd.Run(), "%s", log.String())
	return out.String(), out.String() + log.String()
}

// bakedTarget is a target as `bake --print` shows it.
type bakedTarget struct {
	Args   map[string]string
	Inline string              `json:"dockerfile-inline"`
	Secret []map[string]string `json:"secret"`
}

// requirePlan reads a bake or compose file, which has these targets, and each of
// them this frontend and the secrets.
func requirePlan(t *testing.T, dir string, env *cluster.Environment, targets ...string) {
	t.Helper()
	secrets := tenant.Secrets(env)
	printed, all := bake(t, dir, secrets, "--print")
	search.RequireNoSecrets(t, all, env)
	var plan struct{ Target map[string]bakedTarget }
	require.NoError(t, json.Unmarshal([]byte(printed), &plan))
	require.ElementsMatch(t, targets, slices.Collect(maps.Keys(plan.Target)))
	for _, target := range plan.Target {
		require.Contains(t, target.Args["BUILDKIT_SYNTAX"]+target.Inline, "org/dt-frontend")
		var ids []string
		for _, s := range target.Secret {
			require.Equal(t, s["id"], s["env"])
			ids = append(ids, s["id"])
		}
		require.ElementsMatch(t, slices.Collect(maps.Keys(secrets)), ids)
	}
}

// TestExamples_Bake builds the examples of bake and compose as they stand, but
// for the frontend's name, which would ask a registry for the real one.
func TestExamples_Bake(t *testing.T) {
	env := tenant.New(t)
	for name, targets := range map[string][]string{"bake": {"app", "job"}, "compose": {"app"}} {
		t.Run(name, func(t *testing.T) {
			secrets := tenant.Secrets(env)
			requirePlan(t, testenv.Example(t, name), env, targets...)
			for _, target := range targets {
				archive := filepath.Join(t.TempDir(), "image.tar")
				_, all := bake(t, testenv.Example(t, name), secrets, target,
					"--set=*.args.BUILDKIT_SYNTAX="+testenv.Frontend(t), "--set=*.output=type=oci,dest="+archive)
				search.RequireNoSecrets(t, all, env)
				inspect.RequireInstrumented(t, buildx.Result{Archive: archive}, env.Marker())
			}
		})
	}
	readme, err := os.ReadFile(filepath.Join(testenv.Checkout(t), "README.md"))
	require.NoError(t, err)
	for file, tt := range map[string]struct{ language, target string }{
		"docker-bake.hcl": {"hcl", "default"}, "compose.yaml": {"yaml", "app"},
	} {
		t.Run("README "+file, func(t *testing.T) {
			_, text, ok := strings.Cut(string(readme), "```"+tt.language+"\n")
			require.True(t, ok)
			text, _, _ = strings.Cut(text, "```")
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644))
			requirePlan(t, dir, env, tt.target)
		})
	}
	t.Run("without secrets", func(t *testing.T) {
		_, all := bake(t, testenv.Example(t, "bake"), nil, "app", "--set=*.args.BUILDKIT_SYNTAX="+testenv.Frontend(t), "--set=*.output=type=cacheonly")
		require.Contains(t, all, "is built without OneAgent (on-missing-secret=skip)")
	})
}

package config

import (
	"crypto/rand"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/oci"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/verifier"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

const (
	configLabel = "com.dynatrace.oneagent.config"
	configFile  = "opt/dynatrace/oneagent/agent/conf/ruxitagentproc.conf"
	// configWarning begins every warning about a configuration, and ownStay ends
	// one where nothing is merged.
	configWarning = "dynatrace: config=merge: "
	ownStay       = "; the agent keeps the installer's own settings"
)

// merging is a build that merges the configuration.
func merging(env *cluster.Environment, args ...string) buildx.Request {
	return buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Args: append(buildx.Options("config=merge"), args...)}
}

// agentConfig returns the settings of the agent in an image, without comments.
func agentConfig(t *testing.T, r buildx.Result) []string {
	t.Helper()
	dt, err := os.ReadFile(filepath.Join(r.Unpack(t), configFile))
	require.NoError(t, err)
	var out []string
	for line := range strings.Lines(string(dt)) {
		if !strings.HasPrefix(line, "#") {
			out = append(out, strings.TrimSuffix(line, "\n"))
		}
	}
	return out
}

// ownConfig is what the installer leaves, and requireOwn that this is in an
// image, which does not say otherwise.
var ownConfig = slices.Concat(
	[]string{"[agentType]", "apache on", "dotnet not-global", "java on", "nginx on", "nodejs on", "python off", ""},
	[]string{"[blocklist]", "ApplicationFilter ", blocked, ""},
	libraryConfig, []string{""},
	dotnetConfig, []string{""},
	[]string{
		"[general]", containerRules, "dataStorageDir \"../..\"", "dockerInjection on", injectionRules, "logDir \"../../log\"",
		"removeContainerIDfromPGI on", "revision 1", "standalone on", "staticGoInjection off",
	},
)

const (
	blocked        = `ExecutableFilter "sshd","docker","jps","ld-musl-x86_64.so.1"`
	containerRules = "containerInjectionRules -1::EXCLUDE:EQUALS,KUBERNETES_CONTAINERNAME,POD;-2::EXCLUDE:CONTAINS,IMAGE_NAME,pause-amd64"
	injectionRules = "injectionRules -47::EXCLUDE:EQUALS,LINKAGE,static;-35::EXCLUDE:EQUALS,NODEJS_SCRIPT_NAME,bin/pm2"
)

var (
	libraryConfig = []string{
		"[SpecializedAgent]",
		`libraryPath32 "../bin/` + cluster.DefaultTarget + `/linux-x86-32"`,
		`libraryPath64 "../bin/` + cluster.DefaultTarget + `/linux-x86-64"`,
		`libraryPathMusl64 "../bin/` + cluster.DefaultTarget + `/linux-musl-x86-64"`,
	}
	dotnetConfig = []string{"[dotNetAgent]", "libraryGUID {00000000-0000-4000-8000-000000000000}"}
)

func requireOwn(t *testing.T, r buildx.Result) {
	t.Helper()
	require.Equal(t, ownConfig, agentConfig(t, r))
	require.NotContains(t, r.Image(t).Config.Config.Labels, configLabel)
}

// requireMerged fails unless a configuration of one setting is in an image.
func requireMerged(t *testing.T, r buildx.Result, setting string) {
	t.Helper()
	require.Contains(t, agentConfig(t, r), setting)
	require.Equal(t, "merge", r.Image(t).Config.Config.Labels[configLabel])
	require.Zero(t, r.Warned(configWarning), "%s", r.Output)
}

// policy is a configuration of one setting, which no other test has.
func policy() (cluster.Property, string) {
	p := cluster.Property{Section: "general", Key: "policy", Value: "of " + rand.Text()}
	return p, p.Key + " " + p.Value
}

// The API has the last word on each key, the installer's other settings stay, and
// nothing ties the image to the environment.
func TestModuleConfig_Merged(t *testing.T) {
	env := tenant.New(t, cluster.WithIgnoredSkipMetadata(), cluster.WithModuleConfig(
		cluster.Property{Section: "general", Key: "zeta", Value: "it's \"quoted\" [and] # more"},
		cluster.Property{Section: "general", Key: "dockerInjection", Value: "off"},
		cluster.Property{Section: "agentType", Key: "python", Value: "on"},
		cluster.Property{Section: "agentType", Key: "php", Value: "on"},
	))
	cache := filepath.Join(t.TempDir(), "cache")
	r := buildx.Build(t, merging(env, "--cache-to=type=local,mode=max,dest="+cache, "--provenance=mode=max"))
	require.Equal(t, slices.Concat(
		libraryConfig,
		[]string{"[agentType]", "apache on", "dotnet not-global", "java on", "nginx on", "nodejs on", "php on", "python on"},
		[]string{"[blocklist]", "ApplicationFilter", blocked},
		dotnetConfig,
		[]string{
			"[general]", containerRules, "dataStorageDir \"../..\"", "dockerInjection off", injectionRules, "logDir \"../../log\"",
			"removeContainerIDfromPGI on", "revision 1", "standalone on", "staticGoInjection off",
			"zeta it's \"quoted\" [and] # more",
		},
	), agentConfig(t, r))
	labels := r.Image(t).Config.Config.Labels
	require.Equal(t, "merge", labels[configLabel])
	require.Equal(t, labels[inspect.LayerLabel], inspect.AgentDiffID(t, r), "the label names the layer")
	require.Zero(t, r.Warned(configWarning))

	// Where it is told it is exact, though a float64 could not hold it.
	revision := env.ModuleConfigRevision()
	require.NotEqual(t, revision, uint64(float64(revision)), "control")
	require.Contains(t, r.Output, fmt.Sprintf("configuration, revision %d, is merged", revision))
	require.Equal(t, fmt.Sprint(revision), inspect.AgentStatement(t, r)["configRevision"])

	search.Image(t, r).RequireNone(t, env.Secrets())
	search.RequireNoSecrets(t, r.Output, env)
	layout, err := oci.Open(cache)
	require.NoError(t, err)
	defer layout.Close()
	h := search.Layout(t, layout)
	require.NotEmpty(t, h.Find("it's \"quoted\" [and]"), "control")
	h.RequireNone(t, env.Secrets())

	v := verifier.Run(t, verifier.Build(t), env, r.Archive)
	require.Equal(t, verifier.Clean, v.Code, "%s", v.Text)
	require.Equal(t, "merge", v.Platforms[0].Config)
	require.Empty(t, v.Platforms[0].Notes)
}

// A changed policy is another agent layer, and the same installer; the same
// policy in another order is the same layer.
func TestModuleConfig_ChangeDownloadsNothing(t *testing.T) {
	first, line := policy()
	second := cluster.Property{Section: "agentType", Key: "ruby", Value: "on"}
	env := tenant.New(t, cluster.WithModuleConfig(first, second))
	layers := map[string]string{}
	layer := func(name string, r buildx.Request) buildx.Result {
		res := buildx.Build(t, r)
		layers[name] = res.Image(t).Config.Config.Labels[inspect.LayerLabel]
		require.NotEmpty(t, layers[name])
		return res
	}
	requireMerged(t, layer("merged", merging(env)), line)
	require.NotContains(t, layer("again", merging(env)).Output, "is merged into the agent's own", "it comes from the cache")
	env.SetModuleConfig(second, first)
	require.Contains(t, layer("turned round", merging(env)).Output, "is merged into the agent's own", "control: its revision is another")
	requireOwn(t, layer("off", buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env)}))
	changed, changedLine := policy()
	env.SetModuleConfig(changed, second)
	requireMerged(t, layer("changed", merging(env)), changedLine)

	require.Equal(t, layers["merged"], layers["again"])
	require.Equal(t, layers["merged"], layers["turned round"])
	delete(layers, "again")
	delete(layers, "turned round")
	distinct := slices.Sorted(maps.Values(layers))
	require.Len(t, slices.Compact(distinct), 3)
	require.Equal(t, 1, tenant.Downloads(env))
}

func TestModuleConfig_OffAsksNothing(t *testing.T) {
	env := tenant.New(t)
	for _, args := range [][]string{nil, buildx.Options("config=off")} {
		requireOwn(t, buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Args: args}))
	}
	require.Zero(t, env.Count(cluster.EndpointModuleConfig))
}

package integration

import (
	"crypto/rand"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/oci"
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
func merging(env *cluster.Environment, args ...string) request {
	return request{dockerfile: smallApp, secrets: withSecrets(env), args: append(withOptions("config=merge"), args...)}
}

// agentConfig returns the settings of the agent in an image, without comments.
func agentConfig(t *testing.T, r result) []string {
	t.Helper()
	dt, err := os.ReadFile(filepath.Join(r.unpack(t), configFile))
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

func requireOwn(t *testing.T, r result) {
	t.Helper()
	require.Equal(t, ownConfig, agentConfig(t, r))
	require.NotContains(t, r.image(t).Config.Config.Labels, configLabel)
}

// requireMerged fails unless a configuration of one setting is in an image.
func requireMerged(t *testing.T, r result, setting string) {
	t.Helper()
	require.Contains(t, agentConfig(t, r), setting)
	require.Equal(t, "merge", r.image(t).Config.Config.Labels[configLabel])
	require.Zero(t, r.warned(configWarning), "%s", r.output)
}

// policy is a configuration of one setting, which no other test has.
func policy() (cluster.Property, string) {
	p := cluster.Property{Section: "general", Key: "policy", Value: "of " + rand.Text()}
	return p, p.Key + " " + p.Value
}

// The API has the last word on each key, the installer's other settings stay, and
// nothing ties the image to the environment.
func TestConfigMerge(t *testing.T) {
	env := newEnvironment(t, cluster.WithIgnoredSkipMetadata(), cluster.WithModuleConfig(
		cluster.Property{Section: "general", Key: "zeta", Value: "it's \"quoted\" [and] # more"},
		cluster.Property{Section: "general", Key: "dockerInjection", Value: "off"},
		cluster.Property{Section: "agentType", Key: "python", Value: "on"},
		cluster.Property{Section: "agentType", Key: "php", Value: "on"},
	))
	cache := filepath.Join(t.TempDir(), "cache")
	r := build(t, merging(env, "--cache-to=type=local,mode=max,dest="+cache, "--provenance=mode=max"))
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
	labels := r.image(t).Config.Config.Labels
	require.Equal(t, "merge", labels[configLabel])
	require.Equal(t, labels[agentLayerLabel], agentDiffID(t, r), "the label names the layer")
	require.Zero(t, r.warned(configWarning))

	// Where it is told it is exact, though a float64 could not hold it.
	revision := env.ModuleConfigRevision()
	require.NotEqual(t, revision, uint64(float64(revision)), "control")
	require.Contains(t, r.output, fmt.Sprintf("configuration, revision %d, is merged", revision))
	require.Equal(t, fmt.Sprint(revision), agentStatement(t, r)["configRevision"])

	searchImage(t, r).requireNone(t, env.Secrets())
	requireNoSecrets(t, r.output, env)
	layout, err := oci.Open(cache)
	require.NoError(t, err)
	defer layout.Close()
	h := searchLayout(t, layout)
	require.NotEmpty(t, h.find("it's \"quoted\" [and]"), "control")
	h.requireNone(t, env.Secrets())

	v := verify(t, buildVerify(t), env, r.archive)
	require.Equal(t, verifiedClean, v.code, "%s", v.text)
	require.Equal(t, "merge", v.Platforms[0].Config)
	require.Empty(t, v.Platforms[0].Notes)
}

// A changed policy is another agent layer, and the same installer; the same
// policy in another order is the same layer.
func TestAChangedConfigDownloadsNothing(t *testing.T) {
	first, line := policy()
	second := cluster.Property{Section: "agentType", Key: "ruby", Value: "on"}
	env := newEnvironment(t, cluster.WithModuleConfig(first, second))
	layers := map[string]string{}
	layer := func(name string, r request) result {
		res := build(t, r)
		layers[name] = res.image(t).Config.Config.Labels[agentLayerLabel]
		require.NotEmpty(t, layers[name])
		return res
	}
	requireMerged(t, layer("merged", merging(env)), line)
	require.NotContains(t, layer("again", merging(env)).output, "is merged into the agent's own", "it comes from the cache")
	env.SetModuleConfig(second, first)
	require.Contains(t, layer("turned round", merging(env)).output, "is merged into the agent's own", "control: its revision is another")
	requireOwn(t, layer("off", request{dockerfile: smallApp, secrets: withSecrets(env)}))
	changed, changedLine := policy()
	env.SetModuleConfig(changed, second)
	requireMerged(t, layer("changed", merging(env)), changedLine)

	require.Equal(t, layers["merged"], layers["again"])
	require.Equal(t, layers["merged"], layers["turned round"])
	delete(layers, "again")
	delete(layers, "turned round")
	distinct := slices.Sorted(maps.Values(layers))
	require.Len(t, slices.Compact(distinct), 3)
	require.Equal(t, 1, installers(env))
}

func TestConfigOffAsksNothing(t *testing.T) {
	env := newEnvironment(t)
	for _, args := range [][]string{nil, withOptions("config=off")} {
		requireOwn(t, build(t, request{dockerfile: smallApp, secrets: withSecrets(env), args: args}))
	}
	require.Zero(t, env.Count(cluster.EndpointModuleConfig))
}

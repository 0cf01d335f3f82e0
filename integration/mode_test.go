package integration

import (
	"testing"

	"github.com/org/dt-frontend/integration/cluster"
	"github.com/stretchr/testify/require"
)

// withOptions sets our options by the build arg.
func withOptions(text string) []string {
	return []string{"--build-arg", "DYNATRACE=" + text}
}

// Nothing of the agent is in the image, and nothing is asked for it.
func TestModeOff(t *testing.T) {
	plain := build(t, request{dockerfile: "FROM busybox:1.37-musl\nENTRYPOINT [\"true\"]\n"}).image(t)
	r := build(t, request{dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nENTRYPOINT [\"true\"]\n", args: withOptions("mode=off")})
	off := r.image(t)
	require.Equal(t, plain.DiffIDs(), off.DiffIDs())
	require.Equal(t, plain.Config.Config, off.Config.Config)
	require.NotContains(t, r.output, "[dynatrace]")
}

// A run-time image needs no secret to be built.
func TestModeRuntimeNeedsNoSecret(t *testing.T) {
	r := build(t, request{dockerfile: smallApp, args: withOptions("mode=runtime;include=java;flavor=musl")})
	cfg := r.image(t).Config.Config
	require.Equal(t, []string{"/opt/dynatrace/dt-start", "--"}, cfg.Entrypoint)
	require.Equal(t, "runtime", cfg.Labels["com.dynatrace.oneagent.mode"])
	require.Equal(t, "java", cfg.Labels["com.dynatrace.oneagent.technologies"])
	require.NotContains(t, cfg.Labels, agentLayerLabel)
	require.NotContains(t, r.output, "ask the cluster")
}

func TestOptionsReachTheCluster(t *testing.T) {
	env := newEnvironment(t, cluster.WithNetworkZones("my.zone"))
	version := cluster.DefaultVersions[0]
	build(t, request{
		dockerfile: smallApp, secrets: withSecrets(env),
		args: withOptions("include=nginx,java;flavor=musl;network-zone=my.zone;version=" + version),
	})
	asked := map[cluster.Endpoint]cluster.Request{}
	for _, r := range env.Requests() {
		asked[r.Endpoint] = r
	}
	require.NotContains(t, asked, cluster.EndpointMetainfo, "an exact version needs no question")
	require.Equal(t, "my.zone", asked[cluster.EndpointConnectionInfo].Query.Get("networkZone"))
	in := asked[cluster.EndpointInstaller]
	require.Equal(t, version, in.Version)
	require.Equal(t, []string{"java", "nginx"}, in.Query["include"])
	require.Equal(t, "musl", in.Query.Get("flavor"))
	require.Equal(t, "my.zone", in.Query.Get("networkZone"))
}

func TestWrongOptionsAreExplained(t *testing.T) {
	r := buildFails(t, request{dockerfile: smallApp, args: withOptions("mode=runtim")})
	require.Contains(t, lastError(t, r), `dynatrace: --build-arg DYNATRACE: unknown value for mode "runtim": expected one of build, runtime, off (did you mean runtime?)`)
}

// What follows the image in the syntax line are options.
func TestOptionsInTheSyntaxLine(t *testing.T) {
	r := build(t, request{dockerfile: "# syntax=SYNTAX mode=off\nFROM busybox:1.37-musl\nCMD [\"true\"]\n"})
	require.Empty(t, r.image(t).Config.Config.Entrypoint)
}

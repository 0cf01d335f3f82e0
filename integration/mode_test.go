package integration

import (
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/standin/cluster"
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
	require.NotContains(t, asked, cluster.EndpointMetainfo, "an exact version is looked up in the list")
	require.Equal(t, "my.zone", asked[cluster.EndpointConnectionInfo].Query.Get("networkZone"))
	in := asked[cluster.EndpointInstaller]
	require.Equal(t, version, in.Version)
	require.Equal(t, []string{"java", "nginx"}, in.Query["include"])
	require.Equal(t, "musl", in.Query.Get("flavor"))
	require.Equal(t, "my.zone", in.Query.Get("networkZone"))
}

// The documentation may be older than the cluster, which has the last word.
func TestTheClusterRefusesATechnology(t *testing.T) {
	env := newEnvironment(t)
	r := buildFails(t, request{dockerfile: smallApp, secrets: withSecrets(env), args: withOptions("flavor=musl;include=ruby")})
	require.Contains(t, r.output, "for flavor musl the installer is documented with all, java, apache, nginx, nodejs only: the cluster may not have ruby")
	require.Contains(t, lastError(t, r), "the cluster rejected the request (400): ")
	require.Contains(t, lastError(t, r), "include: ")
}

// The zone of the build is the default of the start.
func TestTheNetworkZoneReachesTheApp(t *testing.T) {
	env := newEnvironment(t, cluster.WithNetworkZones("my.zone"))
	r := build(t, request{
		dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nENV DT_TAGS=mine\nCMD [\"env\"]\n",
		secrets:    withSecrets(env), args: withOptions("network-zone=my.zone"),
	})
	c := run(t, r, func(s *runcSpec) { s.Env = apiDetails(env) })
	_, err := c.Wait()
	require.NoError(t, err)
	require.Contains(t, c.Stdout(), "DT_NETWORK_ZONE=my.zone\n")
	require.Contains(t, c.Stdout(), "DT_TAGS=mine\n", "what the Dockerfile sets is the default, too")
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

// The directive stands in every order with BuildKit's own, and the lowest word
// has the highest one's place in the error.
func TestDirective(t *testing.T) {
	r := build(t, request{dockerfile: "# syntax=SYNTAX\n# check=skip=all\n# escape=`\n# dynatrace=mode=runtime;include=java\nFROM busybox:1.37-musl AS x\nCMD [\"true\"]\n"})
	labels := r.image(t).Config.Config.Labels
	require.Equal(t, "runtime", labels["com.dynatrace.oneagent.mode"])
	require.Equal(t, "java", labels["com.dynatrace.oneagent.technologies"])

	r = build(t, request{
		dockerfile: "# syntax=SYNTAX include=php\n# dynatrace=mode=runtime;include=java\nFROM busybox:1.37-musl\nCMD [\"true\"]\n",
		args:       withOptions("include=nginx"),
	})
	require.Equal(t, "nginx", r.image(t).Config.Config.Labels["com.dynatrace.oneagent.technologies"], "the build arg wins")
}

func TestWrongDirectivesAreMarked(t *testing.T) {
	tests := map[string]struct{ dockerfile, line, want string }{
		"unknown key":   {"# syntax=SYNTAX\n# dynatrace=inclde=java\nFROM scratch\n", "# dynatrace=inclde=java", "did you mean include?"},
		"unknown value": {"# syntax=SYNTAX\n# dynatrace=include=jva\nFROM scratch\n", "# dynatrace=include=jva", "did you mean java?"},
		"not the last":  {"# syntax=SYNTAX\n# dynatrace=mode=off\n# escape=`\nFROM scratch\n", "# escape=`", "the escape directive has to stand before the dynatrace directive"},
		"twice":         {"# syntax=SYNTAX\n# dynatrace=mode=off\n# dynatrace=mode=off\nFROM scratch\n", "# dynatrace=mode=off", "only one dynatrace directive"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := buildFails(t, request{dockerfile: tt.dockerfile})
			require.Contains(t, r.output, ">>> "+tt.line)
			require.Contains(t, lastError(t, r), tt.want)
		})
	}
}

func TestADirectiveThatComesTooLateIsSaid(t *testing.T) {
	r := build(t, request{dockerfile: "# syntax=SYNTAX mode=off\n# my app\n# dynatrace=mode=build\nFROM busybox:1.37-musl\n"})
	require.Contains(t, r.output, "this dynatrace directive does not count")
}

// A platform team publishes a frontend of its own.
func TestAnOrganisationsFrontend(t *testing.T) {
	own := registry(t) + "/own-frontend:latest"
	build(t, request{
		dockerfile: "FROM " + frontendRef(t) + "\nENV DYNATRACE=mode=runtime;include=java\nENV DYNATRACE_ENFORCE=mode\n",
		output:     "type=image,push=true,name=" + own,
	})
	r := build(t, request{dockerfile: "# syntax=" + own + "\nFROM busybox:1.37-musl\nCMD [\"true\"]\n"})
	require.Equal(t, "runtime", r.image(t).Config.Config.Labels["com.dynatrace.oneagent.mode"])
	r = buildFails(t, request{dockerfile: "# syntax=" + own + "\n# dynatrace=mode=off\nFROM busybox:1.37-musl\n"})
	require.Contains(t, lastError(t, r), "mode is set by the frontend image, which does not let it be changed")
	require.Contains(t, r.output, ">>> # dynatrace=mode=off")
}

// Tokens are refused before anything runs.
func TestTokensInTheOpenAreRefused(t *testing.T) {
	env := newEnvironment(t)
	token := env.APIToken()
	for name, r := range map[string]request{
		"ARG":       {dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nARG DT_API_TOKEN\n"},
		"ENV":       {dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nENV DT_TENANTTOKEN=x\n"},
		"ONBUILD":   {dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nONBUILD ENV DT_API_TOKEN=x\n"},
		"build arg": {dockerfile: smallApp, args: []string{"--build-arg", "DT_API_TOKEN=" + token}},
	} {
		t.Run(name, func(t *testing.T) {
			r.secrets = withSecrets(env)
			res := buildFails(t, r)
			require.Contains(t, lastError(t, res), "puts a token into the builder's history")
			require.NotContains(t, res.output, token)
			require.NotContains(t, res.output, "ask the cluster")
			if name == "build arg" {
				require.Contains(t, lastError(t, res), "revoke the token")
			} else {
				require.Contains(t, res.output, ">>> "+name)
			}
		})
	}
	r := build(t, request{dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nENV DT_TENANT=x\n", secrets: withSecrets(env)})
	require.Contains(t, r.output, "ENV DT_TENANT ties the image to one environment")
}

func TestOutlineListsWhatTheAgentTakes(t *testing.T) {
	r, err := tryBuild(t, request{dockerfile: smallApp, args: []string{"--call=outline,format=json"}, output: "type=cacheonly"})
	require.NoError(t, err, r.output)
	for _, want := range []string{`"name": "DT_API_TOKEN"`, `"name": "DT_CA_CERT"`, `"name": "DYNATRACE=mode"`, `"value": "build"`, `"name": "DYNATRACE=on-unsupported"`, "the C library that it is for: auto, default, glibc, musl, multidistro"} {
		require.Contains(t, r.output, want)
	}
}

func TestStages(t *testing.T) {
	df := "# syntax=SYNTAX\n# dynatrace=mode=runtime;stages=app\nFROM busybox:1.37-musl AS test\nFROM busybox:1.37-musl AS app\n"
	for target, want := range map[string]string{"app": "runtime", "test": "", "": "runtime"} {
		r := build(t, request{dockerfile: df, args: []string{"--target=" + target}})
		require.Equal(t, want, r.image(t).Config.Config.Labels["com.dynatrace.oneagent.mode"], target)
	}
	r := buildFails(t, request{dockerfile: strings.Replace(df, "stages=app", "stages=ap", 1)})
	require.Contains(t, lastError(t, r), "did you mean app?")
}

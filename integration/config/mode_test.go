package config

import (
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/container"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// Nothing of the agent is in the image, and nothing is asked for it.
func TestMode_OffAddsNothing(t *testing.T) {
	plain := buildx.Build(t, buildx.Request{Dockerfile: "FROM busybox:1.37-musl\nENTRYPOINT [\"true\"]\n"}).Image(t)
	r := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nENTRYPOINT [\"true\"]\n", Args: buildx.Options("mode=off")})
	off := r.Image(t)
	require.Equal(t, plain.DiffIDs(), off.DiffIDs())
	require.Equal(t, plain.Config.Config, off.Config.Config)
	require.NotContains(t, r.Output, "[dynatrace]")
}

// A run-time image needs no secret to be built.
func TestMode_RuntimeNeedsNoSecret(t *testing.T) {
	r := buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Args: buildx.Options("mode=runtime;include=java;flavor=musl")})
	cfg := r.Image(t).Config.Config
	require.Equal(t, []string{"/opt/dynatrace/dt-start", "--"}, cfg.Entrypoint)
	require.Equal(t, "runtime", cfg.Labels["com.dynatrace.oneagent.mode"])
	require.Equal(t, "java", cfg.Labels["com.dynatrace.oneagent.technologies"])
	require.NotContains(t, cfg.Labels, inspect.LayerLabel)
	require.NotContains(t, r.Output, "ask the cluster")
}

func TestOptions_ReachTheCluster(t *testing.T) {
	env := tenant.New(t, cluster.WithNetworkZones("my.zone"))
	version := cluster.DefaultVersions[0]
	buildx.Build(t, buildx.Request{
		Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env),
		Args: buildx.Options("include=nginx,java;flavor=musl;network-zone=my.zone;version=" + version),
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
func TestOptions_TechnologyThatTheClusterRefuses(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env), Args: buildx.Options("flavor=musl;include=ruby")})
	require.Contains(t, r.Output, "for flavor musl the installer is documented with all, apache, java, nginx, nodejs only: the cluster may not have ruby")
	require.Contains(t, buildx.LastError(t, r), "the cluster rejected the request (400): ")
	require.Contains(t, buildx.LastError(t, r), "include: ")
}

// The zone of the build is the default of the start.
func TestOptions_NetworkZoneReachesTheApp(t *testing.T) {
	env := tenant.New(t, cluster.WithNetworkZones("my.zone"))
	r := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nENV DT_TAGS=mine\nCMD [\"env\"]\n",
		Secrets:    tenant.Secrets(env), Args: buildx.Options("network-zone=my.zone"),
	})
	c := container.Run(t, r, func(s *runc.Spec) { s.Env = tenant.APIDetails(env) })
	_, err := c.Wait()
	require.NoError(t, err)
	require.Contains(t, c.Stdout(), "DT_NETWORK_ZONE=my.zone\n")
	require.Contains(t, c.Stdout(), "DT_TAGS=mine\n", "what the Dockerfile sets is the default, too")
}

func TestOptions_WrongOnesAreExplained(t *testing.T) {
	r := buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Args: buildx.Options("mode=runtim")})
	require.Contains(t, buildx.LastError(t, r), `dynatrace: --build-arg DYNATRACE: unknown value for mode "runtim": expected one of build, runtime, off (did you mean runtime?)`)
}

// What follows the image in the syntax line are options.
func TestOptions_InTheSyntaxLine(t *testing.T) {
	r := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX mode=off\nFROM busybox:1.37-musl\nCMD [\"true\"]\n"})
	require.Empty(t, r.Image(t).Config.Config.Entrypoint)
}

// The directive stands in every order with BuildKit's own, and the lowest word
// has the highest one's place in the error.
func TestDirective_SetsOptions(t *testing.T) {
	r := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\n# check=skip=all\n# escape=`\n# dynatrace=mode=runtime;include=java\nFROM busybox:1.37-musl AS x\nCMD [\"true\"]\n"})
	labels := r.Image(t).Config.Config.Labels
	require.Equal(t, "runtime", labels["com.dynatrace.oneagent.mode"])
	require.Equal(t, "java", labels["com.dynatrace.oneagent.technologies"])

	r = buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX include=php\n# dynatrace=mode=runtime;include=java\nFROM busybox:1.37-musl\nCMD [\"true\"]\n",
		Args:       buildx.Options("include=nginx"),
	})
	require.Equal(t, "nginx", r.Image(t).Config.Config.Labels["com.dynatrace.oneagent.technologies"], "the build arg wins")
}

func TestDirective_WrongOnesAreMarked(t *testing.T) {
	tests := map[string]struct{ dockerfile, line, want string }{
		"unknown key":   {"# syntax=SYNTAX\n# dynatrace=inclde=java\nFROM scratch\n", "# dynatrace=inclde=java", "did you mean include?"},
		"unknown value": {"# syntax=SYNTAX\n# dynatrace=include=jva\nFROM scratch\n", "# dynatrace=include=jva", "did you mean java?"},
		"not the last":  {"# syntax=SYNTAX\n# dynatrace=mode=off\n# escape=`\nFROM scratch\n", "# escape=`", "the escape directive has to stand before the dynatrace directive"},
		"twice":         {"# syntax=SYNTAX\n# dynatrace=mode=off\n# dynatrace=mode=off\nFROM scratch\n", "# dynatrace=mode=off", "only one dynatrace directive"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := buildx.Fails(t, buildx.Request{Dockerfile: tt.dockerfile})
			require.Contains(t, r.Output, ">>> "+tt.line)
			require.Contains(t, buildx.LastError(t, r), tt.want)
		})
	}
}

func TestDirective_TooLateIsReported(t *testing.T) {
	r := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX mode=off\n# my app\n# dynatrace=mode=build\nFROM busybox:1.37-musl\n"})
	require.Contains(t, r.Output, "this dynatrace directive does not count")
}

// A platform team publishes a frontend of its own.
func TestOptions_OfAnOrganisationsFrontend(t *testing.T) {
	own := testenv.Registry(t) + "/own-frontend:latest"
	buildx.Build(t, buildx.Request{
		Dockerfile: "FROM " + testenv.Frontend(t) + "\nENV DYNATRACE=mode=runtime;include=java\nENV DYNATRACE_ENFORCE=mode\n",
		Output:     "type=image,push=true,name=" + own,
	})
	r := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=" + own + "\nFROM busybox:1.37-musl\nCMD [\"true\"]\n"})
	require.Equal(t, "runtime", r.Image(t).Config.Config.Labels["com.dynatrace.oneagent.mode"])
	r = buildx.Fails(t, buildx.Request{Dockerfile: "# syntax=" + own + "\n# dynatrace=mode=off\nFROM busybox:1.37-musl\n"})
	require.Contains(t, buildx.LastError(t, r), "mode is set by the frontend image, which does not let it be changed")
	require.Contains(t, r.Output, ">>> # dynatrace=mode=off")
}

// Tokens are refused before anything runs.
func TestTokens_InTheOpenAreRefused(t *testing.T) {
	env := tenant.New(t)
	token := env.APIToken()
	for name, r := range map[string]buildx.Request{
		"ARG":       {Dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nARG DT_API_TOKEN\n"},
		"ENV":       {Dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nENV DT_TENANTTOKEN=x\n"},
		"ONBUILD":   {Dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nONBUILD ENV DT_API_TOKEN=x\n"},
		"build arg": {Dockerfile: buildx.SmallApp, Args: []string{"--build-arg", "DT_API_TOKEN=" + token}},
	} {
		t.Run(name, func(t *testing.T) {
			r.Secrets = tenant.Secrets(env)
			res := buildx.Fails(t, r)
			require.Contains(t, buildx.LastError(t, res), "puts a token into the builder's history")
			require.NotContains(t, res.Output, token)
			require.NotContains(t, res.Output, "ask the cluster")
			if name == "build arg" {
				require.Contains(t, buildx.LastError(t, res), "revoke the token")
			} else {
				require.Contains(t, res.Output, ">>> "+name)
			}
		})
	}
	r := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nENV DT_TENANT=x\n", Secrets: tenant.Secrets(env)})
	require.Contains(t, r.Output, "ENV DT_TENANT ties the image to one environment")
}

func TestCallOutline_ListsWhatTheAgentTakes(t *testing.T) {
	r, err := buildx.Try(t, buildx.Request{Dockerfile: buildx.SmallApp, Args: []string{"--call=outline,format=json"}, Output: "type=cacheonly"})
	require.NoError(t, err, r.Output)
	for _, want := range []string{`"name": "DT_API_TOKEN"`, `"name": "DT_CA_CERT"`, `"name": "DYNATRACE=mode"`, `"value": "build"`, `"name": "DYNATRACE=on-unsupported"`, "the C library that it is for: auto, default, glibc, musl, multidistro"} {
		require.Contains(t, r.Output, want)
	}
}

func TestOptions_Stages(t *testing.T) {
	df := "# syntax=SYNTAX\n# dynatrace=mode=runtime;stages=app\nFROM busybox:1.37-musl AS test\nFROM busybox:1.37-musl AS app\n"
	for target, want := range map[string]string{"app": "runtime", "test": "", "": "runtime"} {
		r := buildx.Build(t, buildx.Request{Dockerfile: df, Args: []string{"--target=" + target}})
		require.Equal(t, want, r.Image(t).Config.Config.Labels["com.dynatrace.oneagent.mode"], target)
	}
	r := buildx.Fails(t, buildx.Request{Dockerfile: strings.Replace(df, "stages=app", "stages=ap", 1)})
	require.Contains(t, buildx.LastError(t, r), "did you mean app?")
}

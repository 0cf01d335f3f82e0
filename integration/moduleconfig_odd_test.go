package integration

import (
	"testing"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// What names the environment is left out, and only that; the warning names the
// key.
func TestConfigThatNamesTheEnvironment(t *testing.T) {
	good, line := policy()
	env := newEnvironment(t)
	bad := []cluster.Property{good,
		{Section: "general", Key: "id", Value: "of " + env.ID()},
		{Section: "agentType", Key: "token", Value: env.TenantToken()},
		{Section: "general", Key: "api", Value: "x=" + env.APIToken()},
		{Section: "general", Key: "endpoint", Value: env.Endpoints()[1]},
	}
	env.SetModuleConfig(bad...)
	r := build(t, merging(env))
	require.Contains(t, agentConfig(t, r), line)
	require.Equal(t, "merge", r.image(t).Config.Config.Labels[configLabel])
	require.Equal(t, 1, r.warned(configWarning+`left out, since an image may not hold what names the environment: "agentType/token", "general/api", "general/endpoint", "general/id"`), "%s", r.output)
	searchImage(t, r).requireNone(t, env.Secrets())
	requireNoSecrets(t, r.output, env)
}

// TestConfigThatIsNotLines: what would be more than a line is left out, once for
// all platforms, and the rest is merged.
func TestConfigThatIsNotLines(t *testing.T) {
	for name, tt := range map[string]struct {
		p    cluster.Property
		want string
	}{
		"a line in a value": {
			cluster.Property{Section: "general", Key: "x", Value: "y\n[agentType]\njava off"},
			`left out, since the value has a control character: "general/x"`,
		},
		"a section as key": {
			cluster.Property{Section: "general", Key: "[agentType]", Value: "x"},
			`left out, since the name is not one that the agent's file can hold: "general/[agentType]"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			good, line := policy()
			env := newEnvironment(t, cluster.WithModuleConfig(good, tt.p))
			r := build(t, merging(env, "--platform=linux/amd64,linux/arm64"))
			require.Equal(t, 1, r.warned(configWarning+tt.want), "%s", r.output)
			require.Equal(t, 1, r.warned(configWarning))
			r = build(t, merging(env))
			require.Contains(t, agentConfig(t, r), line)
			require.Contains(t, agentConfig(t, r), "java on")
			require.Equal(t, "merge", r.image(t).Config.Config.Labels[configLabel])
			env.SetModuleConfig(good)
			r = build(t, merging(env))
			requireMerged(t, r, line)
			require.Equal(t, 2, installers(env), "one for each platform")
		})
	}
}

// A failure is a warning and no more, and the next build has forgotten it.
func TestConfigThatCannotBeHad(t *testing.T) {
	for _, tt := range []struct {
		fault cluster.FaultKind
		want  string
	}{
		{cluster.FaultInternal, "the cluster failed (500)"},
		{cluster.FaultEcho, "the cluster rejected the request (400)"},
		{cluster.FaultStall, "did not answer in time"},
		{"", "without properties"},
	} {
		t.Run(string(tt.fault), func(t *testing.T) {
			t.Parallel() // most of them wait
			good, line := policy()
			env := newEnvironment(t, cluster.WithModuleConfig(good))
			if env.SetFault(cluster.Fault{Kind: tt.fault, On: []cluster.Endpoint{cluster.EndpointModuleConfig}}); tt.fault == "" {
				env.ClearFaults()
				env.SetModuleConfig()
			}
			for range 2 {
				r := build(t, merging(env))
				requireOwn(t, r)
				require.Equal(t, 1, r.warned(configWarning+"the environment's process-module configuration: "), "%s", r.output)
				require.Equal(t, 1, r.warned(tt.want), "%s", r.output)
				require.Equal(t, 1, r.warned(ownStay))
				requireNoSecrets(t, r.output, env)
			}
			env.ClearFaults()
			env.SetModuleConfig(good)
			requireMerged(t, build(t, merging(env)), line)
			require.Equal(t, 1, installers(env))
		})
	}
}

// The policy comes along with an agent image, however that is named, and a build
// that takes its agent from there has none of its own to merge.
func TestConfigOfAnAgentImage(t *testing.T) {
	good, line := policy()
	env := newEnvironment(t, cluster.WithModuleConfig(good))
	name, digest := agentImage(t, env, withOptions("config=merge")...)
	asked := len(env.Requests())
	layers := map[string]bool{}
	for _, context := range []string{"docker-image://" + name + "@" + digest, "docker-image://" + name} {
		r := build(t, fromContext(context))
		requireMerged(t, r, line)
		layers[r.image(t).Config.Config.Labels[agentLayerLabel]] = true
	}
	require.Len(t, layers, 1)

	plain, digest := agentImage(t, newEnvironment(t))
	req := fromContext("docker-image://" + plain + "@" + digest)
	req.args = append(req.args, withOptions("config=merge")...)
	r := build(t, req)
	require.Equal(t, 1, r.warned("config does not count: the build context dynatrace-agent brings its own agent"), "%s", r.output)
	requireOwn(t, r)
	require.Len(t, env.Requests(), asked)

	r = buildFails(t, request{dockerfile: smallApp, args: withOptions("mode=runtime;config=merge")})
	require.Contains(t, lastError(t, r), "config=merge needs the agent in the image: it cannot be had with mode=runtime")
}

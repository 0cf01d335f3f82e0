package config

import (
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// What names the environment is left out, and only that; the warning names the
// key.
func TestModuleConfig_NamesTheEnvironment(t *testing.T) {
	good, line := policy()
	env := tenant.New(t)
	bad := []cluster.Property{good,
		{Section: "general", Key: "id", Value: "of " + env.ID()},
		{Section: "agentType", Key: "token", Value: env.TenantToken()},
		{Section: "general", Key: "api", Value: "x=" + env.APIToken()},
		{Section: "general", Key: "endpoint", Value: env.Endpoints()[1]},
	}
	env.SetModuleConfig(bad...)
	r := buildx.Build(t, merging(env))
	require.Contains(t, agentConfig(t, r), line)
	require.Equal(t, "merge", r.Image(t).Config.Config.Labels[configLabel])
	require.Equal(t, 1, r.Warned(configWarning+`left out, since an image may not hold what names the environment: "agentType/token", "general/api", "general/endpoint", "general/id"`), "%s", r.Output)
	search.Image(t, r).RequireNone(t, env.Secrets())
	search.RequireNoSecrets(t, r.Output, env)
}

// TestModuleConfig_IsNotLines: what would be more than a line is left out, once for
// all platforms, and the rest is merged.
func TestModuleConfig_IsNotLines(t *testing.T) {
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
			env := tenant.New(t, cluster.WithModuleConfig(good, tt.p))
			r := buildx.Build(t, merging(env, "--platform=linux/amd64,linux/arm64"))
			require.Equal(t, 1, r.Warned(configWarning+tt.want), "%s", r.Output)
			require.Equal(t, 1, r.Warned(configWarning))
			r = buildx.Build(t, merging(env))
			require.Contains(t, agentConfig(t, r), line)
			require.Contains(t, agentConfig(t, r), "java on")
			require.Equal(t, "merge", r.Image(t).Config.Config.Labels[configLabel])
			env.SetModuleConfig(good)
			r = buildx.Build(t, merging(env))
			requireMerged(t, r, line)
			require.Equal(t, 2, tenant.Downloads(env), "one for each platform")
		})
	}
}

// A failure is a warning and no more, and the next build has forgotten it.
func TestModuleConfig_IsUnavailable(t *testing.T) {
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
			env := tenant.New(t, cluster.WithModuleConfig(good))
			if env.SetFault(cluster.Fault{Kind: tt.fault, On: []cluster.Endpoint{cluster.EndpointModuleConfig}}); tt.fault == "" {
				env.ClearFaults()
				env.SetModuleConfig()
			}
			for range 2 {
				r := buildx.Build(t, merging(env))
				requireOwn(t, r)
				require.Equal(t, 1, r.Warned(configWarning+"the environment's process-module configuration: "), "%s", r.Output)
				require.Equal(t, 1, r.Warned(tt.want), "%s", r.Output)
				require.Equal(t, 1, r.Warned(ownStay))
				search.RequireNoSecrets(t, r.Output, env)
			}
			env.ClearFaults()
			env.SetModuleConfig(good)
			requireMerged(t, buildx.Build(t, merging(env)), line)
			require.Equal(t, 1, tenant.Downloads(env))
		})
	}
}

// The policy comes along with an agent image, however that is named, and a build
// that takes its agent from there has none of its own to merge.
func TestModuleConfig_OfAnAgentImage(t *testing.T) {
	good, line := policy()
	env := tenant.New(t, cluster.WithModuleConfig(good))
	name, digest := buildx.AgentImage(t, env, buildx.Options("config=merge")...)
	asked := len(env.Requests())
	layers := map[string]bool{}
	for _, context := range []string{"docker-image://" + name + "@" + digest, "docker-image://" + name} {
		r := buildx.Build(t, buildx.FromContext(context))
		requireMerged(t, r, line)
		layers[r.Image(t).Config.Config.Labels[inspect.LayerLabel]] = true
	}
	require.Len(t, layers, 1)

	plain, digest := buildx.AgentImage(t, tenant.New(t))
	req := buildx.FromContext("docker-image://" + plain + "@" + digest)
	req.Args = append(req.Args, buildx.Options("config=merge")...)
	r := buildx.Build(t, req)
	require.Equal(t, 1, r.Warned("config does not count: the build context dynatrace-agent brings its own agent"), "%s", r.Output)
	requireOwn(t, r)
	require.Len(t, env.Requests(), asked)

	r = buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Args: buildx.Options("mode=runtime;config=merge")})
	require.Contains(t, buildx.LastError(t, r), "config=merge needs the agent in the image: it cannot be had with mode=runtime")
}

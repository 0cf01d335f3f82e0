package agentimage

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/container"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

func TestAgentImage_IsAnAgentAlone(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\n# dynatrace=flavor=default\nFROM scratch\n", Secrets: tenant.Secrets(env)})
	img := r.Image(t)
	require.Len(t, img.DiffIDs(), 1)
	labels := img.Config.Config.Labels
	require.Equal(t, "agent", labels["com.dynatrace.oneagent.mode"])
	require.Equal(t, img.DiffIDs()[0].String(), labels[inspect.LayerLabel])
	require.Empty(t, img.Config.Config.Entrypoint)
	require.NoFileExists(t, filepath.Join(r.Unpack(t), "opt/dynatrace/dt-start"))
	search.Image(t, r).RequireNone(t, env.Secrets())
}

// One job makes the agent image; all others hold no token, and ask nobody.
func TestAgentImage_ByItsDigest(t *testing.T) {
	env := tenant.New(t)
	name, digest := buildx.AgentImage(t, env)
	asked := len(env.Requests())
	r := buildx.Build(t, buildx.FromContext("docker-image://"+name+"@"+digest))
	require.Len(t, env.Requests(), asked)
	require.NotContains(t, r.Output, "import OneAgent", "it is merged as it is")
	require.Equal(t, env.Marker(), inspect.Marker(t, r))
	require.Equal(t, r.Image(t).Config.Config.Labels[inspect.LayerLabel], inspect.AgentDiffID(t, r))
	container.Run(t, r, func(s *runc.Spec) { s.Env = tenant.AgentDetails(env) })
	tenant.RequireCheckIn(t, env, "sleep")

	wrong := buildx.FromContext("docker-image://" + name + "@" + digest)
	wrong.Args = append(wrong.Args, buildx.Options("flavor=musl")...)
	require.Contains(t, buildx.LastError(t, buildx.Fails(t, wrong)), "is for flavor default, but this image needs musl")
	pinned := buildx.FromContext("docker-image://" + name + "@" + digest)
	pinned.Args = append(pinned.Args, buildx.Options("layer="+inspect.NoDigest)...)
	require.Contains(t, buildx.LastError(t, buildx.Fails(t, pinned)), "but layer says "+inspect.NoDigest)
}

// What has no digest is cleaned and scanned, and comes out as the same layer.
func TestAgentContext_OtherKinds(t *testing.T) {
	env := tenant.New(t)
	name, digest := buildx.AgentImage(t, env)
	byDigest := buildx.Build(t, buildx.FromContext("docker-image://"+name+"@"+digest))
	layer := byDigest.Image(t).Config.Config.Labels[inspect.LayerLabel]
	root := byDigest.Unpack(t)
	layout := filepath.Join(t.TempDir(), "layout")
	buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\n# dynatrace=flavor=default\nFROM scratch\n", Secrets: tenant.Secrets(env),
		Output: "type=oci,tar=false,dest=" + layout + ",name=docker.io/library/agent:latest", Args: []string{"--provenance=false"},
	})
	asked := len(env.Requests())
	for kind, context := range map[string]string{
		"tag":                "docker-image://" + name,
		"OCI layout":         "oci-layout://" + layout + ":latest",
		"folder of an image": root,
		"the agent's folder": filepath.Join(root, "opt/dynatrace/oneagent"),
	} {
		t.Run(kind, func(t *testing.T) {
			r := buildx.Build(t, buildx.FromContext(context))
			require.Contains(t, r.Output, "import OneAgent (default, x86)")
			require.Equal(t, layer, r.Image(t).Config.Config.Labels[inspect.LayerLabel])
			require.Equal(t, layer, inspect.AgentDiffID(t, r))
		})
	}
	require.Len(t, env.Requests(), asked)
}

// An agent that somebody configured loses its links; one that holds a secret of
// this build in another place is refused.
func TestAgentContext_DirectoryIsCleanedAndScanned(t *testing.T) {
	env := tenant.New(t, cluster.WithIgnoredSkipMetadata())
	in, err := env.Installer(cluster.Spec{Version: cluster.DefaultTarget, Arch: "x86", Flavor: "default", Type: cluster.TypePaaSScript})
	require.NoError(t, err)
	prefix := tenant.Install(t, in.Path)
	require.NotEmpty(t, search.Dir(t, prefix).Find(env.TenantToken()), "control: it ties the agent to its environment")
	r := buildx.Build(t, buildx.FromContext(prefix))
	search.Image(t, r).RequireNone(t, env.Secrets())

	odd := filepath.Join(prefix, "dynatrace/oneagent/agent/odd.bin")
	require.NoError(t, os.WriteFile(odd, []byte("x\x00"+env.APIToken()), 0o644))
	req := buildx.FromContext(prefix)
	r = buildx.Fails(t, req)
	require.Contains(t, buildx.LastError(t, r), "agent/odd.bin (API token", "by its form")
	search.RequireNoSecrets(t, r.Output, env)

	require.NoError(t, os.WriteFile(odd, []byte("x\x00"+env.ID()+"\x00"), 0o644))
	r = buildx.Fails(t, req)
	require.Contains(t, buildx.LastError(t, r), "agent/odd.bin (environment id", "by what was removed elsewhere")

	require.NoError(t, os.WriteFile(odd, []byte("x\x00"+env.APIURL()), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(prefix, "dynatrace/oneagent/empty"), nil, 0o644))
	req.Secrets = tenant.Secrets(env)
	r = buildx.Fails(t, req)
	require.Contains(t, r.Output, "agent/odd.bin")
	search.RequireNoSecrets(t, r.Output, env)

	require.NoError(t, os.Remove(filepath.Join(prefix, "dynatrace/oneagent/manifest.json")))
	r = buildx.Fails(t, buildx.FromContext(prefix))
	require.Contains(t, buildx.LastError(t, r), "the build context dynatrace-agent holds no agent: expected manifest.json in one of")
}

// Each platform gets its own out of an index.
func TestAgentImage_ForManyPlatforms(t *testing.T) {
	env := tenant.New(t)
	both := "--platform=linux/amd64,linux/arm64"
	name, digest := buildx.AgentImage(t, env, both)
	r := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\n# dynatrace=flavor=default\nFROM busybox:1.37-musl\n",
		Args:       []string{both, "--build-context", "dynatrace-agent=docker-image://" + name + "@" + digest},
	})
	layers := map[string]bool{}
	for _, p := range []string{"linux/amd64", "linux/arm64"} {
		img, err := r.Layout(t).Image(p)
		require.NoError(t, err)
		layers[img.Config.Config.Labels[inspect.LayerLabel]] = true
	}
	require.Len(t, layers, 2)
}

// A platform team has every build take the agent from its agent image.
func TestAgentImage_ByTheOptions(t *testing.T) {
	env := tenant.New(t)
	name, digest := buildx.AgentImage(t, env)
	asked := len(env.Requests())
	option := "agent=" + name + "@" + digest
	r := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\n", Args: buildx.Options(option)})
	require.Equal(t, env.Marker(), inspect.Marker(t, r))
	require.Len(t, env.Requests(), asked)

	own := testenv.Registry(t) + "/agent-frontend:latest"
	buildx.Build(t, buildx.Request{
		Dockerfile: "FROM " + testenv.Frontend(t) + "\nENV DYNATRACE=" + option + "\nENV DYNATRACE_ENFORCE=agent\n",
		Output:     "type=image,push=true,name=" + own,
	})
	buildx.Build(t, buildx.Request{Dockerfile: "# syntax=" + own + "\nFROM debian:bookworm-slim\n"})
	other := buildx.FromContext("docker-image://" + name)
	other.Dockerfile = "# syntax=" + own + "\nFROM debian:bookworm-slim\n"
	require.Contains(t, buildx.LastError(t, buildx.Fails(t, other)), "agent is set by the frontend image, which does not let it be changed")
}

// What an image enforces is had, or there is no image.
func TestAgentContext_DoesNotGetRoundWhatIsEnforced(t *testing.T) {
	env := tenant.New(t)
	name, digest := buildx.AgentImage(t, env)
	own := testenv.Registry(t) + "/pinned-frontend:latest"
	buildx.Build(t, buildx.Request{
		Dockerfile: "FROM " + testenv.Frontend(t) + "\nENV DYNATRACE=\"version=" + cluster.DefaultVersions[0] + ";checksum=" + inspect.NoDigest + "\"\nENV DYNATRACE_ENFORCE=version,checksum\n",
		Output:     "type=image,push=true,name=" + own,
	})
	r := buildx.FromContext("docker-image://" + name + "@" + digest)
	r.Dockerfile = "# syntax=" + own + "\nFROM debian:bookworm-slim\n"
	require.Contains(t, buildx.LastError(t, buildx.Fails(t, r)), "checksum is set by the frontend image, which does not let it be changed, and is not possible with an agent of the build context")
}

package integration

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// agentImage makes an agent image, as a trusted job does, and returns its name
// and its digest.
func agentImage(t *testing.T, env *cluster.Environment, args ...string) (name, digest string) {
	t.Helper()
	name = registry(t) + "/agents/" + strings.ToLower(env.ID()) + ":latest"
	metadata := filepath.Join(t.TempDir(), "metadata.json")
	build(t, request{
		dockerfile: "# syntax=SYNTAX\n# dynatrace=flavor=default\nFROM scratch\n",
		secrets:    withSecrets(env), output: "type=image,push=true,name=" + name,
		args: append([]string{"--provenance=false", "--metadata-file=" + metadata}, args...),
	})
	dt, err := os.ReadFile(metadata)
	require.NoError(t, err)
	var m struct {
		Digest string `json:"containerimage.digest"`
	}
	require.NoError(t, json.Unmarshal(dt, &m))
	require.NotEmpty(t, m.Digest)
	return name, m.Digest
}

// fromContext is a build that takes its agent from a context, and has no secret.
func fromContext(context string) request {
	return request{
		dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nCMD [\"/bin/sleep\", \"0\"]\n",
		args:       []string{"--build-context", "dynatrace-agent=" + context},
	}
}

func TestAnAgentImageIsAnAgentAlone(t *testing.T) {
	env := newEnvironment(t)
	r := build(t, request{dockerfile: "# syntax=SYNTAX\n# dynatrace=flavor=default\nFROM scratch\n", secrets: withSecrets(env)})
	img := r.image(t)
	require.Len(t, img.DiffIDs(), 1)
	labels := img.Config.Config.Labels
	require.Equal(t, "agent", labels["com.dynatrace.oneagent.mode"])
	require.Equal(t, img.DiffIDs()[0].String(), labels[agentLayerLabel])
	require.Empty(t, img.Config.Config.Entrypoint)
	require.NoFileExists(t, filepath.Join(r.unpack(t), "opt/dynatrace/dt-start"))
	searchImage(t, r).requireNone(t, env.Secrets())
}

// One job makes the agent image; all others hold no token, and ask nobody.
func TestAnAgentImageByItsDigest(t *testing.T) {
	env := newEnvironment(t)
	name, digest := agentImage(t, env)
	asked := len(env.Requests())
	r := build(t, fromContext("docker-image://"+name+"@"+digest))
	require.Len(t, env.Requests(), asked)
	require.NotContains(t, r.output, "import OneAgent", "it is merged as it is")
	require.Equal(t, env.Marker(), marker(t, r))
	require.Equal(t, r.image(t).Config.Config.Labels[agentLayerLabel], agentDiffID(t, r))
	run(t, r, func(s *runcSpec) { s.Env = agentDetails(env) })
	requireCheckIn(t, env, "sleep")

	wrong := fromContext("docker-image://" + name + "@" + digest)
	wrong.args = append(wrong.args, withOptions("flavor=musl")...)
	require.Contains(t, lastError(t, buildFails(t, wrong)), "is for flavor default, but this image needs musl")
	pinned := fromContext("docker-image://" + name + "@" + digest)
	pinned.args = append(pinned.args, withOptions("layer="+noDigest)...)
	require.Contains(t, lastError(t, buildFails(t, pinned)), "but layer says "+noDigest)
}

// What has no digest is cleaned and scanned, and comes out as the same layer.
func TestAnAgentFromOtherContexts(t *testing.T) {
	env := newEnvironment(t)
	name, digest := agentImage(t, env)
	byDigest := build(t, fromContext("docker-image://"+name+"@"+digest))
	layer := byDigest.image(t).Config.Config.Labels[agentLayerLabel]
	root := byDigest.unpack(t)
	layout := filepath.Join(t.TempDir(), "layout")
	build(t, request{
		dockerfile: "# syntax=SYNTAX\n# dynatrace=flavor=default\nFROM scratch\n", secrets: withSecrets(env),
		output: "type=oci,tar=false,dest=" + layout + ",name=docker.io/library/agent:latest", args: []string{"--provenance=false"},
	})
	asked := len(env.Requests())
	for kind, context := range map[string]string{
		"tag":                "docker-image://" + name,
		"OCI layout":         "oci-layout://" + layout + ":latest",
		"folder of an image": root,
		"the agent's folder": filepath.Join(root, "opt/dynatrace/oneagent"),
	} {
		t.Run(kind, func(t *testing.T) {
			r := build(t, fromContext(context))
			require.Contains(t, r.output, "import OneAgent (default, x86)")
			require.Equal(t, layer, r.image(t).Config.Config.Labels[agentLayerLabel])
			require.Equal(t, layer, agentDiffID(t, r))
		})
	}
	require.Len(t, env.Requests(), asked)
}

// An agent that somebody configured loses its links; one that holds a secret of
// this build in another place is refused.
func TestAFolderIsCleanedAndScanned(t *testing.T) {
	env := newEnvironment(t, cluster.WithIgnoredSkipMetadata())
	in, err := env.Installer(cluster.Spec{Version: cluster.DefaultTarget, Arch: "x86", Flavor: "default", Type: cluster.TypePaaSScript})
	require.NoError(t, err)
	prefix := installedAgent(t, in.Path)
	require.NotEmpty(t, searchFolder(t, prefix).find(env.TenantToken()), "control: it ties the agent to its environment")
	r := build(t, fromContext(prefix))
	searchImage(t, r).requireNone(t, env.Secrets())

	odd := filepath.Join(prefix, "dynatrace/oneagent/agent/odd.bin")
	require.NoError(t, os.WriteFile(odd, []byte("x\x00"+env.APIToken()), 0o644))
	req := fromContext(prefix)
	r = buildFails(t, req)
	require.Contains(t, lastError(t, r), "agent/odd.bin (API token", "by its form")
	requireNoSecrets(t, r.output, env)

	require.NoError(t, os.WriteFile(odd, []byte("x\x00"+env.ID()+"\x00"), 0o644))
	r = buildFails(t, req)
	require.Contains(t, lastError(t, r), "agent/odd.bin (environment id", "by what was removed elsewhere")

	require.NoError(t, os.WriteFile(odd, []byte("x\x00"+env.APIURL()), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(prefix, "dynatrace/oneagent/empty"), nil, 0o644))
	req.secrets = withSecrets(env)
	r = buildFails(t, req)
	require.Contains(t, r.output, "agent/odd.bin")
	requireNoSecrets(t, r.output, env)

	require.NoError(t, os.Remove(filepath.Join(prefix, "dynatrace/oneagent/manifest.json")))
	r = buildFails(t, fromContext(prefix))
	require.Contains(t, lastError(t, r), "the build context dynatrace-agent holds no agent: expected manifest.json in one of")
}

// Each platform gets its own out of an index.
func TestAnAgentImageForManyPlatforms(t *testing.T) {
	env := newEnvironment(t)
	both := "--platform=linux/amd64,linux/arm64"
	name, digest := agentImage(t, env, both)
	r := build(t, request{
		dockerfile: "# syntax=SYNTAX\n# dynatrace=flavor=default\nFROM busybox:1.37-musl\n",
		args:       []string{both, "--build-context", "dynatrace-agent=docker-image://" + name + "@" + digest},
	})
	layers := map[string]bool{}
	for _, p := range []string{"linux/amd64", "linux/arm64"} {
		img, err := r.layout(t).Image(p)
		require.NoError(t, err)
		layers[img.Config.Config.Labels[agentLayerLabel]] = true
	}
	require.Len(t, layers, 2)
}

// A platform team has every build take the agent from its agent image.
func TestAnAgentImageByTheOptions(t *testing.T) {
	env := newEnvironment(t)
	name, digest := agentImage(t, env)
	asked := len(env.Requests())
	option := "agent=" + name + "@" + digest
	r := build(t, request{dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\n", args: withOptions(option)})
	require.Equal(t, env.Marker(), marker(t, r))
	require.Len(t, env.Requests(), asked)

	own := registry(t) + "/agent-frontend:latest"
	build(t, request{
		dockerfile: "FROM " + frontendRef(t) + "\nENV DYNATRACE=" + option + "\nENV DYNATRACE_ENFORCE=agent\n",
		output:     "type=image,push=true,name=" + own,
	})
	build(t, request{dockerfile: "# syntax=" + own + "\nFROM debian:bookworm-slim\n"})
	other := fromContext("docker-image://" + name)
	other.dockerfile = "# syntax=" + own + "\nFROM debian:bookworm-slim\n"
	require.Contains(t, lastError(t, buildFails(t, other)), "agent is set by the frontend image, which does not let it be changed")
}

// What an image enforces is had, or there is no image.
func TestAContextDoesNotGetRoundWhatIsEnforced(t *testing.T) {
	env := newEnvironment(t)
	name, digest := agentImage(t, env)
	own := registry(t) + "/pinned-frontend:latest"
	build(t, request{
		dockerfile: "FROM " + frontendRef(t) + "\nENV DYNATRACE=\"version=" + cluster.DefaultVersions[0] + ";checksum=" + noDigest + "\"\nENV DYNATRACE_ENFORCE=version,checksum\n",
		output:     "type=image,push=true,name=" + own,
	})
	r := fromContext("docker-image://" + name + "@" + digest)
	r.dockerfile = "# syntax=" + own + "\nFROM debian:bookworm-slim\n"
	require.Contains(t, lastError(t, buildFails(t, r)), "checksum is set by the frontend image, which does not let it be changed, and cannot be had with an agent of the build context")
}

package frontend_test

import (
	"maps"
	"strings"
	"testing"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	digest "github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"
)

const (
	contextKey = "context:dynatrace-agent"
	agentImage = "example.invalid/agent:1"
)

// withAgentIn returns a daemon whose images all hold an agent.
func withAgentIn(options string) *daemon {
	d := newDaemon(plain, options)
	d.base["opt/dynatrace/oneagent/manifest.json"] = "{}"
	return d
}

// sources returns the sources that were asked for.
func (d *daemon) sources() []string {
	var out []string
	for _, def := range d.asked {
		for _, op := range decode(def) {
			if id := op.GetSource().GetIdentifier(); id != "" {
				out = append(out, id)
			}
		}
	}
	return out
}

// TestBuild_TakesTheAgentOfABuildContext: the client's or the options' own, and
// asks no cluster.
func TestBuild_TakesTheAgentOfABuildContext(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		options string
		opts    map[string]string
		from    string
	}{
		"the client's":        {"", map[string]string{contextKey: "docker-image://" + agentImage}, agentImage},
		"for the platform":    {"", map[string]string{contextKey + "::linux/amd64": "docker-image://" + agentImage}, agentImage},
		"of the options":      {"agent=" + agentImage, nil, agentImage},
		"the client's, first": {"agent=example.invalid/other:1", map[string]string{contextKey: "docker-image://" + agentImage}, agentImage},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := withAgentIn(tt.options)
			maps.Copy(d.opts, tt.opts)
			before := maps.Clone(d.opts)
			require.Equal(t, "build", d.build(t).labels()["mode"])
			require.Equal(t, before, d.opts, "a build writes into the client's request")
			require.Contains(t, d.sources(), "docker-image://"+tt.from)
			require.NotContains(t, strings.Join(d.sources(), " "), "other")
			steps := d.steps()
			for _, step := range []string{"import", "check", "trust"} {
				require.Contains(t, steps, step)
			}
			require.NotContains(t, steps, "resolve")
			require.NotContains(t, steps, "download")
		})
	}
}

// TestBuild_IgnoresWhatABuildContextDecides, and says so.
func TestBuild_IgnoresWhatABuildContextDecides(t *testing.T) {
	t.Parallel()
	sum := "sha256:" + strings.Repeat("0189", 16)
	d := withAgentIn("include=java;installer=paas;config=merge;host-group=group-8;version=" + installedVersion + ";checksum=" + sum)
	d.opts[contextKey] = "docker-image://" + agentImage
	d.build(t)
	for _, key := range []string{"include", "checksum", "installer", "config", "host-group"} {
		require.Contains(t, d.texts, "dynatrace: "+key+" does not count: the build context dynatrace-agent brings its own agent")
	}
	args := strings.Join(d.steps()["import"], " ")
	for _, word := range []string{"--include", "--archive", "--config", "group-8", sum} {
		require.NotContains(t, args, word)
	}
}

// TestBuild_FindsNoAgentInABuildContext that has none.
func TestBuild_FindsNoAgentInABuildContext(t *testing.T) {
	t.Parallel()
	d := newDaemon(plain, "agent="+agentImage)
	require.ErrorContains(t, d.fails(t), "the build context dynatrace-agent holds no agent: expected manifest.json in one of /opt/dynatrace/oneagent, ")
	d = withAgentIn("")
	d.opts[contextKey+"::linux/arm64"] = "docker-image://" + agentImage
	require.ErrorContains(t, d.fails(t), "there is no build context dynatrace-agent for linux/amd64")
}

// pinnedAgent is the config of an agent image of ours.
func pinnedAgent(layer digest.Digest) dockerspec.DockerOCIImage {
	img := baseImage()
	img.RootFS.DiffIDs = []digest.Digest{layer}
	img.Config.Labels = map[string]string{}
	for name, value := range map[string]string{
		"mode": "agent", "version": installedVersion, "flavor": "default", "technologies": "java", "layer": layer.String(),
		"preload": "/opt/dynatrace/oneagent/agent/lib64/liboneagentproc.so",
	} {
		img.Config.Labels["com.dynatrace.oneagent."+name] = value
	}
	return img
}

// TestBuild_MergesAnAgentImageByItsDigest as it is; by its tag alone the agent is
// cleaned and checked.
func TestBuild_MergesAnAgentImageByItsDigest(t *testing.T) {
	t.Parallel()
	layer := digest.FromString("agent")
	pinned := "example.invalid/agent@" + digest.FromString("image").String()
	build := func(options, ref string) (*daemon, built) {
		d := withAgentIn(options)
		d.images = map[string]dockerspec.DockerOCIImage{ref: pinnedAgent(layer)}
		d.opts[contextKey] = "docker-image://" + ref
		return d, d.build(t)
	}
	d, b := build("", pinned)
	require.NotContains(t, d.steps(), "import")
	require.NotContains(t, d.steps(), "check")
	require.Contains(t, d.steps(), "trust")
	require.Equal(t, layer.String(), b.labels()["layer"])
	require.Equal(t, "java", b.labels()["technologies"])
	require.Contains(t, b.history(), "ONEAGENT "+installedVersion+" (default, x86)")

	d, b = build("", agentImage)
	require.Contains(t, d.steps(), "import")
	require.Equal(t, d.installed.DiffID, b.labels()["layer"])
	// It is not the agent that was asked for.
	d, _ = build("fips=on", pinned)
	require.Contains(t, d.steps(), "import")
	for options, words := range map[string]string{
		"flavor=musl":                              "is for flavor default, but this image needs musl",
		"version=1.2.3.20250101-104505":            "has version " + installedVersion + ", but version asks for 1.2.3.20250101-104505",
		"layer=sha256:" + strings.Repeat("ab", 32): "but layer says sha256:abab",
	} {
		d := withAgentIn(options)
		d.images = map[string]dockerspec.DockerOCIImage{pinned: pinnedAgent(layer)}
		d.opts[contextKey] = "docker-image://" + pinned
		require.ErrorContains(t, d.fails(t), words, options)
	}
}

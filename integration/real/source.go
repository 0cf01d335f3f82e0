package real

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/standin/cluster"
)

// testLinks: a cluster sends links although the build asked for none. They are
// removed, and the agent is the same.
func testLinks(t *testing.T, s *subject) {
	linked := *s
	linked.env = s.server.AddEnvironment(cluster.WithAgents(s.served), cluster.WithIgnoredSkipMetadata())
	linked.env.SetEndpoint(s.point.url)
	// Packed before it is asked for; see served.
	_, err := linked.env.Installer(cluster.Spec{SkipMetadata: true})
	require.NoError(t, err)
	image := build(t, linked.request(""))
	code, v := linked.verifyImage(t, image.archive)
	require.Zero(t, code, "%+v", v)
	linked.checksIn(t, "links in the installer", image, nil)
}

// testDirectory takes the agent from a directory that an installer with links
// has filled.
func testDirectory(t *testing.T, s *subject) {
	in, err := s.env.Installer(cluster.Spec{Type: cluster.TypePaaSScript})
	require.NoError(t, err)
	prefix := t.TempDir()
	out, err := exec.CommandContext(t.Context(), "sh", in.Path, prefix).CombinedOutput()
	require.NoError(t, err, "%s", out)
	var found int
	for _, name := range []string{"dynatrace-env.sh", "agent/conf/ruxitagentproc.conf", "manifest.json"} {
		dt, err := os.ReadFile(filepath.Join(prefix, "dynatrace/oneagent", name))
		require.NoError(t, err)
		search.NewNeedles(s.sentinels()).In(dt, func(string) { found++ })
	}
	require.NotZero(t, found, "control: it ties the agent to its environment")
	r := s.request("")
	r.Secrets = nil
	r.Args = append(r.Args, "--build-context", "dynatrace-agent="+prefix)
	image := build(t, r)
	code, v := s.verifyImage(t, image.archive)
	require.Zero(t, code, "%+v", v)
	s.checksIn(t, "directory as source", image, nil)
}

// testAgentImage takes the agent from an agent image by its digest, with neither
// secrets nor a cluster.
func testAgentImage(t *testing.T, s *subject) {
	name := os.Getenv(envRegistry) + "/agents/" + s.env.Marker() + ":latest"
	metadata := filepath.Join(t.TempDir(), "metadata.json")
	build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\n# dynatrace=flavor=default\nFROM scratch\n",
		Secrets:    s.secrets(), Output: "type=image,push=true,name=" + name,
		Args: []string{"--provenance=false", "--metadata-file=" + metadata},
	})
	dt, err := os.ReadFile(metadata)
	require.NoError(t, err)
	var m struct {
		Digest string `json:"containerimage.digest"`
	}
	require.NoError(t, json.Unmarshal(dt, &m))
	require.NotEmpty(t, m.Digest)
	r := s.request("")
	r.Secrets = nil
	r.Args = append(r.Args, "--build-context", "dynatrace-agent=docker-image://"+name+"@"+m.Digest)
	image := build(t, r)
	require.Equal(t, s.image.labels(t)[labelLayer], image.labels(t)[labelLayer])
	s.checksIn(t, "agent image by digest", image, nil)
}

// testConfig merges a configuration as large as one that many rules were added
// to over the years.
func testConfig(t *testing.T, s *subject) {
	properties := []cluster.Property{
		{Section: "agentType", Key: "nodejs", Value: "on"}, {Section: "agentType", Key: "php", Value: "off"},
		{Section: "general", Key: "revision", Value: "4711"},
	}
	var rules []string
	for i := range 400 {
		rules = append(rules, fmt.Sprintf("-%d::EXCLUDE:EQUALS,EXE_NAME,some-helper-%d", i, i))
		properties = append(properties, cluster.Property{Section: "general", Key: fmt.Sprintf("someSetting%d", i), Value: "on"})
	}
	rules = append(rules, "::INCLUDE:CONTAINS,KUBERNETES_NAMESPACE,")
	properties = append(properties, cluster.Property{Section: "general", Key: "injectionRules", Value: strings.Join(rules, ";")})
	merged := *s
	merged.env = s.server.AddEnvironment(cluster.WithAgents(s.served), cluster.WithModuleConfig(properties...))
	merged.env.SetEndpoint(s.point.url)
	image := build(t, merged.request("config=merge"))
	require.Equal(t, "merge", image.labels(t)[labelConfig], "%s", image.output)
	conf, err := os.ReadFile(filepath.Join(image.unpack(t), "opt/dynatrace/oneagent/agent/conf/ruxitagentproc.conf"))
	require.NoError(t, err)
	for _, p := range properties {
		require.Contains(t, string(conf), "\n"+p.Key+" "+p.Value+"\n")
	}
	requireNone(t, &merged, string(conf))
	merged.checksIn(t, "config=merge", image, nil)
}

package agentimage

import (
	"net/http"
	"path"
	"strings"
	"sync"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/daemon"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/registry"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/front"
	"github.com/stretchr/testify/require"
)

// takenFrom is the registry, and tells what was taken from it.
func takenFrom(t testing.TB) (address string, taken func(blob string) bool) {
	t.Helper()
	var (
		mu   sync.Mutex
		gets = map[string]bool{}
	)
	address = registry.Watch(t, func(r *http.Request) {
		if r.Method == http.MethodGet {
			mu.Lock()
			defer mu.Unlock()
			gets[path.Base(r.URL.Path)] = true
		}
	})
	return address, func(blob string) bool {
		mu.Lock()
		defer mu.Unlock()
		return gets[blob]
	}
}

// An agent image that is named with its digest is not pulled for the sake of a
// certificate.
func TestCertificate_OnAnAgentImage(t *testing.T) {
	env := tenant.New(t)
	name, digest := buildx.AgentImage(t, env)
	asked := len(env.Requests())
	address, taken := takenFrom(t)
	_, repository, _ := strings.Cut(name, "/")
	agent := address + "/" + strings.TrimSuffix(repository, ":latest")
	ca := front.NewAuthority(t).PEM
	app := strings.Replace(name, ":latest", ":app", 1)

	r := buildx.FromContext("docker-image://" + agent + "@" + digest)
	r.Env = daemon.New(t, daemon.Options{}).Env()
	r.Secrets = withCA(nil, ca)
	r.Output = "type=image,push=true,name=" + agent + ":app"
	buildx.Build(t, r)
	require.Len(t, env.Requests(), asked)
	require.True(t, taken(digest), "control: the agent image's manifest was read")

	pulled := buildx.Build(t, buildx.Request{Dockerfile: "FROM " + app + "\n", Args: []string{"--provenance=false"}})
	img := pulled.Image(t)
	requireCA(t, img, ca)
	at := len(img.DiffIDs()) - 3
	require.Equal(t, img.Config.Config.Labels[inspect.LayerLabel], img.DiffIDs()[at].String())
	require.False(t, taken(img.Manifest.Layers[at].Digest.String()), "and its layer was not")
}

// What is no agent image by its digest is cleaned, and brings no certificates.
func TestCertificate_ReplacesThoseOfADirectory(t *testing.T) {
	env := tenant.New(t)
	old, ca := front.NewAuthority(t).PEM, front.NewAuthority(t).PEM
	root := buildx.Build(t, buildx.Request{Dockerfile: buildx.DebianApp, Secrets: withCA(tenant.Secrets(env), old)}).Unpack(t)
	r := buildx.FromContext(root)
	require.NotContains(t, buildx.Build(t, r).Image(t).Config.Config.Labels, agentCALabel)
	r.Secrets = withCA(nil, ca)
	requireCA(t, buildx.Build(t, r).Image(t), ca)
}

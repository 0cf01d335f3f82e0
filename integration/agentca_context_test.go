package integration

import (
	"net/http"
	"path"
	"strings"
	"sync"
	"testing"

	"github.com/org/dt-frontend/integration/harness/daemon"
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
	address = watchedRegistry(t, func(r *http.Request) {
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
func TestACertificateOnAnAgentImage(t *testing.T) {
	env := newEnvironment(t)
	name, digest := agentImage(t, env)
	asked := len(env.Requests())
	address, taken := takenFrom(t)
	_, repository, _ := strings.Cut(name, "/")
	agent := address + "/" + strings.TrimSuffix(repository, ":latest")
	ca := front.NewAuthority(t).PEM
	app := strings.Replace(name, ":latest", ":app", 1)

	r := fromContext("docker-image://" + agent + "@" + digest)
	r.env = newBuilder(t, daemon.Options{}).Env()
	r.secrets = withCA(nil, ca)
	r.output = "type=image,push=true,name=" + agent + ":app"
	build(t, r)
	require.Len(t, env.Requests(), asked)
	require.True(t, taken(digest), "control: the agent image's manifest was read")

	pulled := build(t, request{dockerfile: "FROM " + app + "\n", args: []string{"--provenance=false"}})
	img := pulled.image(t)
	requireCA(t, img, ca)
	at := len(img.DiffIDs()) - 3
	require.Equal(t, img.Config.Config.Labels[agentLayerLabel], img.DiffIDs()[at].String())
	require.False(t, taken(img.Manifest.Layers[at].Digest.String()), "and its layer was not")
}

// What is no agent image by its digest is cleaned, and brings no certificates.
func TestCertificatesOfAFolderAreReplaced(t *testing.T) {
	env := newEnvironment(t)
	old, ca := front.NewAuthority(t).PEM, front.NewAuthority(t).PEM
	root := build(t, request{dockerfile: debianApp, secrets: withCA(withSecrets(env), old)}).unpack(t)
	r := fromContext(root)
	require.NotContains(t, build(t, r).image(t).Config.Config.Labels, agentCALabel)
	r.secrets = withCA(nil, ca)
	requireCA(t, build(t, r).image(t), ca)
}

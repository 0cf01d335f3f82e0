package agentimage

import (
	"archive/tar"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/container"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/oci"
	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/front"
	"github.com/stretchr/testify/require"
)

const (
	agentCALabel = "com.dynatrace.oneagent.ca"
	customCA     = "var/lib/dynatrace/oneagent/agent/customkeys/custom.pem"
)

// withCA adds a certificate for the agent to secrets.
func withCA(secrets map[string]string, text string) map[string]string {
	secrets = maps.Clone(secrets)
	if secrets == nil {
		secrets = map[string]string{}
	}
	secrets["DT_AGENT_CA"] = text
	return secrets
}

// requireCA fails unless an image has a layer with nothing but that text where
// an agent reads it, right below the agent; it returns the layer's digest.
func requireCA(t testing.TB, img *oci.Image, text string) string {
	t.Helper()
	require.Equal(t, sumOf(text), img.Config.Config.Labels[agentCALabel])
	at := len(img.DiffIDs()) - 4 // below the agent, the start helper and its settings
	require.Equal(t, img.Config.Config.Labels[inspect.LayerLabel], img.DiffIDs()[at+1].String(), "it has the agent's layer as it is")
	return requireCALayer(t, img, at, text)
}

func sumOf(text string) string { return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(text))) }

// requireCALayer fails unless a layer of an image has nothing but that text where
// an agent reads it; it returns the layer's digest.
func requireCALayer(t testing.TB, img *oci.Image, at int, text string) string {
	t.Helper()
	layer, err := img.Layer(at)
	require.NoError(t, err)
	defer layer.Close()
	var names []string
	for tr := tar.NewReader(layer); ; {
		hdr, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		require.Equal(t, time.Unix(0, 0).UTC(), hdr.ModTime.UTC(), hdr.Name)
		require.Zero(t, hdr.Uid+hdr.Gid, hdr.Name)
		name := strings.Trim(hdr.Name, "/")
		names = append(names, name)
		if hdr.Typeflag == tar.TypeDir {
			require.True(t, strings.HasPrefix(customCA, name+"/"), name)
			require.Equal(t, int64(0o755), hdr.Mode&0o7777, name)
			continue
		}
		dt, err := io.ReadAll(tr)
		require.NoError(t, err)
		require.Equal(t, text, string(dt))
		require.Equal(t, int64(0o644), hdr.Mode&0o7777, name)
	}
	require.Equal(t, 1, strings.Count(strings.Join(names, "\n")+"\n", customCA+"\n"), "%v", names)
	return img.Manifest.Layers[at].Digest.String()
}

// The certificates lie in a layer of their own, which apps share. The agent is
// the same with any or none.
func TestCertificate_HasALayerOfItsOwn(t *testing.T) {
	env := tenant.New(t)
	secrets := tenant.Secrets(env)
	plain := buildx.Build(t, buildx.Request{Dockerfile: buildx.DebianApp, Secrets: secrets})
	require.NotContains(t, plain.Image(t).Config.Config.Labels, agentCALabel)
	layer := plain.Image(t).Config.Config.Labels[inspect.LayerLabel]
	downloads := tenant.Downloads(env)

	ca, comment := front.NewAuthority(t).PEM, rand.Text()
	one := buildx.Build(t, buildx.Request{Dockerfile: buildx.DebianApp, Secrets: withCA(secrets, comment+"\n"+ca), Args: []string{"--provenance=mode=max"}})
	img := one.Image(t)
	certificates := requireCA(t, img, ca)
	require.Len(t, img.DiffIDs(), len(plain.Image(t).DiffIDs())+1)
	require.Equal(t, layer, img.Config.Config.Labels[inspect.LayerLabel])
	var history []string
	for _, h := range img.Config.History {
		history = append(history, h.CreatedBy)
	}
	require.Contains(t, history, "CERTIFICATES /"+customCA)
	require.Empty(t, search.Image(t, one).Find(comment), "nothing but the certificate")
	search.Image(t, one).RequireNone(t, env.Secrets())
	require.Equal(t, ca, readFile(t, filepath.Join(one.Unpack(t), customCA)))

	two := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nRUN echo > /other\n", Secrets: withCA(secrets, ca+"\n"+ca)})
	require.Equal(t, certificates, requireCA(t, two.Image(t), ca), "apps share it")

	other := front.NewAuthority(t).PEM
	changed := buildx.Build(t, buildx.Request{Dockerfile: buildx.DebianApp, Secrets: withCA(secrets, other)})
	require.NotEqual(t, certificates, requireCA(t, changed.Image(t), other))
	require.Equal(t, layer, changed.Image(t).Config.Config.Labels[inspect.LayerLabel])
	require.Equal(t, downloads, tenant.Downloads(env), "none of it is a reason to download")

	c := container.Run(t, one, func(s *runc.Spec) { s.Env = tenant.AgentDetails(env) })
	_, err := c.Wait()
	require.NoError(t, err)
	tenant.RequireCheckIn(t, env, "true")
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	dt, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(dt)
}

// To pass an empty secret is to pass none.
func TestCertificate_EmptyIsNone(t *testing.T) {
	env := tenant.New(t)
	digest := func(secrets map[string]string) string {
		r := buildx.Build(t, buildx.Request{Dockerfile: buildx.DebianApp, Secrets: secrets, Args: []string{"--provenance=false", "--build-arg", "SOURCE_DATE_EPOCH=1000000000"}})
		images, err := r.Layout(t).Images()
		require.NoError(t, err)
		require.Len(t, images, 1)
		return fmt.Sprint(images[0].Manifest)
	}
	require.Equal(t, digest(tenant.Secrets(env)), digest(withCA(tenant.Secrets(env), "")))
}

// Where a build with an agent image has secrets, they are looked for.
func TestCertificate_NamesTheEnvironmentNextToAnAgentImage(t *testing.T) {
	env := tenant.New(t)
	name, digest := buildx.AgentImage(t, env)
	r := buildx.FromContext("docker-image://" + name + "@" + digest)
	r.Secrets = withCA(map[string]string{"DT_TENANT": env.ID()}, front.Certificate(t, func(c *x509.Certificate) { c.DNSNames = []string{env.ID() + ".example.invalid"} }))
	require.Contains(t, buildx.LastError(t, buildx.Fails(t, r)), "a certificate in it holds the environment id")
}

func TestCertificate_ExpiredIsReported(t *testing.T) {
	env := tenant.New(t)
	old := front.Certificate(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) })
	r := buildx.Build(t, buildx.Request{Dockerfile: buildx.DebianApp, Secrets: withCA(tenant.Secrets(env), old)})
	require.Equal(t, 1, r.Warned("1 of 1 certificates in DT_AGENT_CA have expired"))
	requireCA(t, r.Image(t), old)
}

// An agent image has none: those who take the agent from it bring their own.
func TestCertificate_NotInAnAgentImage(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\n# dynatrace=flavor=default\nFROM scratch\n", Secrets: withCA(tenant.Secrets(env), front.NewAuthority(t).PEM)})
	require.Len(t, r.Image(t).DiffIDs(), 1)
	require.NotContains(t, r.Image(t).Config.Config.Labels, agentCALabel)
	require.Equal(t, 1, r.Warned("DT_AGENT_CA is ignored"))
}

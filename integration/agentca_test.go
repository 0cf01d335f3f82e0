package integration

import (
	"archive/tar"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/harness/oci"
	"github.com/org/dt-frontend/integration/standin/cluster"
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
	require.Equal(t, img.Config.Config.Labels[agentLayerLabel], img.DiffIDs()[at+1].String(), "it has the agent's layer as it is")
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
func TestAnAgentsCertificate(t *testing.T) {
	env := newEnvironment(t)
	secrets := withSecrets(env)
	plain := build(t, request{dockerfile: debianApp, secrets: secrets})
	require.NotContains(t, plain.image(t).Config.Config.Labels, agentCALabel)
	layer := plain.image(t).Config.Config.Labels[agentLayerLabel]
	downloads := installers(env)

	ca, comment := front.NewAuthority(t).PEM, rand.Text()
	one := build(t, request{dockerfile: debianApp, secrets: withCA(secrets, comment+"\n"+ca), args: []string{"--provenance=mode=max"}})
	img := one.image(t)
	certificates := requireCA(t, img, ca)
	require.Len(t, img.DiffIDs(), len(plain.image(t).DiffIDs())+1)
	require.Equal(t, layer, img.Config.Config.Labels[agentLayerLabel])
	var history []string
	for _, h := range img.Config.History {
		history = append(history, h.CreatedBy)
	}
	require.Contains(t, history, "CERTIFICATES /"+customCA)
	require.Empty(t, searchImage(t, one).find(comment), "nothing but the certificate")
	searchImage(t, one).requireNone(t, env.Secrets())
	require.Equal(t, ca, readFile(t, filepath.Join(one.unpack(t), customCA)))

	two := build(t, request{dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nRUN echo > /other\n", secrets: withCA(secrets, ca+"\n"+ca)})
	require.Equal(t, certificates, requireCA(t, two.image(t), ca), "apps share it")

	other := front.NewAuthority(t).PEM
	changed := build(t, request{dockerfile: debianApp, secrets: withCA(secrets, other)})
	require.NotEqual(t, certificates, requireCA(t, changed.image(t), other))
	require.Equal(t, layer, changed.image(t).Config.Config.Labels[agentLayerLabel])
	require.Equal(t, downloads, installers(env), "none of it is a reason to download")

	c := run(t, one, func(s *runcSpec) { s.Env = agentDetails(env) })
	_, err := c.Wait()
	require.NoError(t, err)
	requireCheckIn(t, env, "true")
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	dt, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(dt)
}

// To pass an empty secret is to pass none.
func TestAnEmptyCertificateIsNone(t *testing.T) {
	env := newEnvironment(t)
	digest := func(secrets map[string]string) string {
		r := build(t, request{dockerfile: debianApp, secrets: secrets, args: []string{"--provenance=false", "--build-arg", "SOURCE_DATE_EPOCH=1000000000"}})
		images, err := r.layout(t).Images()
		require.NoError(t, err)
		require.Len(t, images, 1)
		return fmt.Sprint(images[0].Manifest)
	}
	require.Equal(t, digest(withSecrets(env)), digest(withCA(withSecrets(env), "")))
}

// Two builds at once, equal but for their secrets, get each its own.
func TestCertificatesOfBuildsAtOnce(t *testing.T) {
	env := newEnvironment(t)
	name, digest := agentImage(t, env)
	for round := range 6 {
		r := request{dockerfile: debianApp, secrets: withSecrets(env)}
		if round%2 == 1 {
			r = fromContext("docker-image://" + name + "@" + digest)
		}
		var (
			cas     = []string{front.NewAuthority(t).PEM, front.NewAuthority(t).PEM}
			results = make([]result, len(cas))
			errs    = make([]error, len(cas))
			wg      sync.WaitGroup
		)
		for i, ca := range cas {
			wg.Go(func() {
				own := r
				own.secrets = withCA(r.secrets, ca)
				results[i], errs[i] = tryBuild(t, own)
			})
		}
		wg.Wait()
		for i, ca := range cas {
			require.NoError(t, errs[i], "%s", results[i].output)
			requireCA(t, results[i].image(t), ca)
		}
	}
}

// What is no authority's certificate, or names the cluster, is in no image.
func TestCertificatesThatAreRefused(t *testing.T) {
	env := newEnvironment(t)
	host := env.EndpointHosts()[1]
	secret := rand.Text()
	good := front.NewAuthority(t).PEM
	key := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte(secret)}))
	name, digest := agentImage(t, env)
	for what, tt := range map[string]struct {
		text, want string
		// known says that it takes the cluster's word.
		known bool
	}{
		"a private key":   {good + key, "it has a private key in it", false},
		"names the host":  {front.Certificate(t, func(c *x509.Certificate) { c.DNSNames = []string{host} }), "a certificate in it holds the communication endpoint host", true},
		"names the owner": {good + front.Certificate(t, func(c *x509.Certificate) { c.Subject.Organization = []string{env.ID()} }), "a certificate in it holds the environment id", true},
	} {
		t.Run(what, func(t *testing.T) {
			const byAPI = "by its API"
			builds := map[string]request{byAPI: {dockerfile: smallApp, secrets: withSecrets(env)}}
			if !tt.known {
				builds["by an agent image"] = fromContext("docker-image://" + name + "@" + digest)
			}
			for kind, r := range builds {
				r.secrets = withCA(r.secrets, tt.text)
				res := buildFails(t, r)
				require.Contains(t, lastError(t, res), "dynatrace: invalid DT_AGENT_CA: ", kind)
				require.Contains(t, lastError(t, res), tt.want, kind)
				require.Contains(t, res.output, ">>> # syntax=", "the line that asks for the agent is marked")
				if kind == byAPI { // the agent image is called by the environment's id
					requireNoSecrets(t, res.output, env)
				}
				require.NotContains(t, res.output, secret)
				require.NotContains(t, res.output, strings.Split(tt.text, "\n")[0], kind)
			}
		})
	}
}

// Where a build with an agent image has secrets, they are looked for.
func TestACertificateBesideAnAgentImage(t *testing.T) {
	env := newEnvironment(t)
	name, digest := agentImage(t, env)
	r := fromContext("docker-image://" + name + "@" + digest)
	r.secrets = withCA(map[string]string{"DT_TENANT": env.ID()}, front.Certificate(t, func(c *x509.Certificate) { c.DNSNames = []string{env.ID() + ".example.invalid"} }))
	require.Contains(t, lastError(t, buildFails(t, r)), "a certificate in it holds the environment id")
}

func TestAnExpiredCertificateIsSaid(t *testing.T) {
	env := newEnvironment(t)
	old := front.Certificate(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) })
	r := build(t, request{dockerfile: debianApp, secrets: withCA(withSecrets(env), old)})
	require.Equal(t, 1, r.warned("1 of 1 certificates in DT_AGENT_CA have expired"))
	requireCA(t, r.image(t), old)
}

// An agent image has none: those who take the agent from it bring their own.
func TestAnAgentImageHasNoCertificates(t *testing.T) {
	env := newEnvironment(t)
	r := build(t, request{dockerfile: "# syntax=SYNTAX\n# dynatrace=flavor=default\nFROM scratch\n", secrets: withCA(withSecrets(env), front.NewAuthority(t).PEM)})
	require.Len(t, r.image(t).DiffIDs(), 1)
	require.NotContains(t, r.image(t).Config.Config.Labels, agentCALabel)
	require.Equal(t, 1, r.warned("DT_AGENT_CA is ignored"))
}

// A cache that was imported has the layer, and not the step.
func TestCertificatesFromAnImportedCache(t *testing.T) {
	env := newEnvironment(t)
	ref := registry(t) + "/cache-ca:" + env.ID()
	ca := front.NewAuthority(t).PEM
	r := request{dockerfile: debianApp, secrets: withCA(withSecrets(env), ca)}
	r.args = []string{"--cache-to=type=registry,mode=max,ref=" + ref}
	first := requireCA(t, build(t, r).image(t), ca)
	prune(t)
	r.args = []string{"--cache-from=type=registry,ref=" + ref}
	again := build(t, r)
	require.Equal(t, first, requireCA(t, again.image(t), ca))
	require.Equal(t, 1, env.Count(cluster.EndpointInstaller))
	other := front.NewAuthority(t).PEM
	r.secrets = withCA(r.secrets, other)
	requireCA(t, build(t, r).image(t), other)
}

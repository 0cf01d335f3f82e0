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
	"syscall"
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

// A base image's certificates stay until a build brings others: without any the
// agent would trust every server.
func TestTheCertificatesOfABase(t *testing.T) {
	env := newEnvironment(t)
	ref := registry(t) + "/base-ca:" + env.ID()
	ca := front.NewAuthority(t).PEM
	build(t, request{dockerfile: debianApp, secrets: withCA(withSecrets(env), ca), output: "type=image,name=" + ref + ",push=true"})
	child := request{dockerfile: "# syntax=SYNTAX\nFROM " + ref + "\nCMD [\"child\"]\n", secrets: withSecrets(env)}
	without := build(t, child)
	require.Equal(t, sumOf(ca), without.image(t).Config.Config.Labels[agentCALabel])
	require.Equal(t, ca, readFile(t, filepath.Join(without.unpack(t), customCA)))

	other := front.NewAuthority(t).PEM
	child.secrets = withCA(child.secrets, other)
	with := build(t, child)
	require.Equal(t, sumOf(other), with.image(t).Config.Config.Labels[agentCALabel])
	// The base image has the agent: below the start helper and its settings.
	requireCALayer(t, with.image(t), len(with.image(t).DiffIDs())-3, other)
	require.Equal(t, other, readFile(t, filepath.Join(with.unpack(t), customCA)))

	program := buildVerify(t)
	for _, r := range []result{without, with} {
		v := verify(t, program, env, r.archive)
		require.Equal(t, verifiedClean, v.code, "%s", v.text)
	}
	v := verify(t, program, env, with.archive)
	require.Equal(t, []string{"its agent trusts certificates that the build was given: " + with.image(t).Config.Config.Labels[agentCALabel]}, v.Platforms[0].Notes)
	gate := []string{"--agent-layer", with.image(t).Config.Config.Labels[agentLayerLabel], with.archive}
	require.Equal(t, verifiedLeak, verify(t, program, env, gate...).code)
	require.Equal(t, verifiedClean, verify(t, program, env, append(gate, "--agent-ca", with.image(t).Config.Config.Labels[agentCALabel])...).code)
}

// An app keeps what it has on the way to the file: a merge would replace it.
// Only the certificates are copied then, and not the agent.
func TestACertificateIsCopied(t *testing.T) {
	env := newEnvironment(t)
	ca := front.NewAuthority(t).PEM
	program := buildVerify(t)
	for name, tt := range map[string]struct{ run, where, keeps string }{
		"a symlink":       {"mv /var /data && ln -s data /var", strings.Replace(customCA, "var/", "data/", 1), "var"},
		"a symlink below": {"mv /var/lib /data && ln -s /data /var/lib", strings.Replace(customCA, "var/lib/", "data/", 1), "var/lib"},
		"another owner":   {"mkdir /var/lib/dynatrace && chown 7:8 /var/lib/dynatrace && chmod 2775 /var/lib/dynatrace", customCA, "var/lib/dynatrace"},
	} {
		t.Run(name, func(t *testing.T) {
			dockerfile := "FROM debian:bookworm-slim\nRUN " + tt.run + "\n"
			plain := build(t, request{dockerfile: dockerfile}).unpack(t)
			r := build(t, request{dockerfile: "# syntax=SYNTAX\n" + dockerfile, secrets: withCA(withSecrets(env), ca)})
			require.Equal(t, 1, r.warned("the certificates for the agent are copied into the image for linux/amd64, which takes a layer of its own: /"+tt.keeps+" in the image is a symlink, or has"))
			root := r.unpack(t)
			require.Equal(t, ca, readFile(t, filepath.Join(root, tt.where)))
			require.Equal(t, lstat(t, filepath.Join(plain, tt.keeps)), lstat(t, filepath.Join(root, tt.keeps)))
			require.NotEmpty(t, r.image(t).Config.Config.Labels[agentLayerLabel], "the agent is merged")
			v := verify(t, program, env, r.archive)
			require.Equal(t, verifiedClean, v.code, "%s", v.text)
			require.Equal(t, []string{"its agent trusts certificates that the build was given: " + sumOf(ca)}, v.Platforms[0].Notes)
		})
	}
}

// lstat says what a file is, and whose.
func lstat(t testing.TB, name string) string {
	t.Helper()
	st, err := os.Lstat(name)
	require.NoError(t, err)
	sys := st.Sys().(*syscall.Stat_t)
	target, _ := os.Readlink(name)
	return fmt.Sprint(st.Mode(), sys.Uid, sys.Gid, target)
}

// Where the agent is copied, the certificates are merged all the same.
func TestACertificateNextToACopiedAgent(t *testing.T) {
	env := newEnvironment(t)
	ca := front.NewAuthority(t).PEM
	r := build(t, request{
		dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nRUN rm -rf /opt && mkdir /data && ln -s data /opt\n",
		secrets:    withCA(withSecrets(env), ca),
	})
	img := r.image(t)
	require.Equal(t, sumOf(ca), img.Config.Config.Labels[agentCALabel])
	requireCALayer(t, img, len(img.DiffIDs())-4, ca)
	require.FileExists(t, filepath.Join(r.unpack(t), "data/dynatrace/oneagent/agent/lib64/liboneagentproc.so"))
	v := verify(t, buildVerify(t), env, r.archive)
	require.Equal(t, verifiedClean, v.code, "%s", v.text)
}

// What an app has in the file's place is replaced, and not written through.
func TestACertificateReplacesTheApps(t *testing.T) {
	env := newEnvironment(t)
	own, ca := front.NewAuthority(t).PEM, front.NewAuthority(t).PEM
	dir := "/" + filepath.Dir(customCA)
	for name, tt := range map[string]struct {
		run   string
		label string
	}{
		"a file":      {"cp /own.pem /" + customCA, sumOf(own)},
		"a symlink":   {"ln -s /own.pem /" + customCA, ""},
		"a directory": {"mkdir /" + customCA, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := request{
				dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nCOPY own.pem /\nRUN mkdir -p " + dir + " && " + tt.run + "\n",
				files:      map[string]string{"own.pem": own},
				secrets:    withCA(withSecrets(env), ca),
			}
			with := build(t, r)
			requireCA(t, with.image(t), ca)
			root := with.unpack(t)
			require.Equal(t, ca, readFile(t, filepath.Join(root, customCA)))
			require.Equal(t, own, readFile(t, filepath.Join(root, "own.pem")))

			r.secrets = withSecrets(env)
			without := build(t, r)
			require.Equal(t, tt.label, without.image(t).Config.Config.Labels[agentCALabel], "it keeps its own")
			require.Len(t, without.image(t).DiffIDs(), len(with.image(t).DiffIDs())-2, "removed, and another")
		})
	}
}

// A variable of the image may have the agent read elsewhere.
func TestACertificateThatTheAgentDoesNotRead(t *testing.T) {
	env := newEnvironment(t)
	dockerfile := "# syntax=SYNTAX\nFROM debian:bookworm-slim\nENV DT_VAR_CONFIG_DIR=/etc/agent\n"
	const warning = "the image sets DT_VAR_CONFIG_DIR=/etc/agent: the agent reads certificates from /etc/agent/dynatrace/oneagent/agent/customkeys/custom.pem, and not those of DT_AGENT_CA"
	with := build(t, request{dockerfile: dockerfile, secrets: withCA(withSecrets(env), front.NewAuthority(t).PEM)})
	require.Equal(t, 1, with.warned(warning))
	require.Zero(t, build(t, request{dockerfile: dockerfile, secrets: withSecrets(env)}).warned(warning))
}

func TestACertificateWhoseDirectoryIsAFile(t *testing.T) {
	env := newEnvironment(t)
	r := request{dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nRUN echo > /var/lib/dynatrace\n", secrets: withCA(withSecrets(env), front.NewAuthority(t).PEM)}
	require.Contains(t, lastError(t, buildFails(t, r)), "/var/lib/dynatrace in the image is a file; the agent reads the certificates of DT_AGENT_CA from /"+customCA)
	r.secrets = withSecrets(env)
	build(t, r)
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

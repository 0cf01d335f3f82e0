package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/org/dt-frontend/integration/standin/front"
	"github.com/stretchr/testify/require"
)

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

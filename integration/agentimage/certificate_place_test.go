package agentimage

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/org/dt-frontend/integration/harness/verifier"
	"github.com/org/dt-frontend/integration/standin/front"
	"github.com/stretchr/testify/require"
)

// A base image's certificates stay until a build brings others: without any the
// agent would trust every server.
func TestCertificate_OfABaseImage(t *testing.T) {
	env := tenant.New(t)
	ref := testenv.Registry(t) + "/base-ca:" + env.ID()
	ca := front.NewAuthority(t).PEM
	buildx.Build(t, buildx.Request{Dockerfile: buildx.DebianApp, Secrets: withCA(tenant.Secrets(env), ca), Output: "type=image,name=" + ref + ",push=true"})
	child := buildx.Request{Dockerfile: "# syntax=SYNTAX\nFROM " + ref + "\nCMD [\"child\"]\n", Secrets: tenant.Secrets(env)}
	without := buildx.Build(t, child)
	require.Equal(t, sumOf(ca), without.Image(t).Config.Config.Labels[agentCALabel])
	require.Equal(t, ca, readFile(t, filepath.Join(without.Unpack(t), customCA)))

	other := front.NewAuthority(t).PEM
	child.Secrets = withCA(child.Secrets, other)
	with := buildx.Build(t, child)
	require.Equal(t, sumOf(other), with.Image(t).Config.Config.Labels[agentCALabel])
	// The base image has the agent: below the start helper and its settings.
	requireCALayer(t, with.Image(t), len(with.Image(t).DiffIDs())-3, other)
	require.Equal(t, other, readFile(t, filepath.Join(with.Unpack(t), customCA)))

	program := verifier.Build(t)
	for _, r := range []buildx.Result{without, with} {
		v := verifier.Run(t, program, env, r.Archive)
		require.Equal(t, verifier.Clean, v.Code, "%s", v.Text)
	}
	v := verifier.Run(t, program, env, with.Archive)
	require.Equal(t, []string{"its agent trusts certificates that the build was given: " + with.Image(t).Config.Config.Labels[agentCALabel]}, v.Platforms[0].Notes)
	gate := []string{"--agent-layer", with.Image(t).Config.Config.Labels[inspect.LayerLabel], with.Archive}
	require.Equal(t, verifier.Leak, verifier.Run(t, program, env, gate...).Code)
	require.Equal(t, verifier.Clean, verifier.Run(t, program, env, append(gate, "--agent-ca", with.Image(t).Config.Config.Labels[agentCALabel])...).Code)
}

// An app keeps what it has on the way to the file: a merge would replace it.
// Only the certificates are copied then, and not the agent.
func TestCertificate_IsCopied(t *testing.T) {
	env := tenant.New(t)
	ca := front.NewAuthority(t).PEM
	program := verifier.Build(t)
	for name, tt := range map[string]struct{ run, where, keeps string }{
		"a symlink":       {"mv /var /data && ln -s data /var", strings.Replace(customCA, "var/", "data/", 1), "var"},
		"a symlink below": {"mv /var/lib /data && ln -s /data /var/lib", strings.Replace(customCA, "var/lib/", "data/", 1), "var/lib"},
		"another owner":   {"mkdir /var/lib/dynatrace && chown 7:8 /var/lib/dynatrace && chmod 2775 /var/lib/dynatrace", customCA, "var/lib/dynatrace"},
	} {
		t.Run(name, func(t *testing.T) {
			dockerfile := "FROM debian:bookworm-slim\nRUN " + tt.run + "\n"
			plain := buildx.Build(t, buildx.Request{Dockerfile: dockerfile}).Unpack(t)
			r := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\n" + dockerfile, Secrets: withCA(tenant.Secrets(env), ca)})
			require.Equal(t, 1, r.Warned("the certificates for the agent are copied into the image for linux/amd64, which takes a layer of its own: /"+tt.keeps+" in the image is a symlink, or has"))
			root := r.Unpack(t)
			require.Equal(t, ca, readFile(t, filepath.Join(root, tt.where)))
			require.Equal(t, lstat(t, filepath.Join(plain, tt.keeps)), lstat(t, filepath.Join(root, tt.keeps)))
			require.NotEmpty(t, r.Image(t).Config.Config.Labels[inspect.LayerLabel], "the agent is merged")
			v := verifier.Run(t, program, env, r.Archive)
			require.Equal(t, verifier.Clean, v.Code, "%s", v.Text)
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
func TestCertificate_NextToACopiedAgent(t *testing.T) {
	env := tenant.New(t)
	ca := front.NewAuthority(t).PEM
	r := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nRUN rm -rf /opt && mkdir /data && ln -s data /opt\n",
		Secrets:    withCA(tenant.Secrets(env), ca),
	})
	img := r.Image(t)
	require.Equal(t, sumOf(ca), img.Config.Config.Labels[agentCALabel])
	requireCALayer(t, img, len(img.DiffIDs())-4, ca)
	require.FileExists(t, filepath.Join(r.Unpack(t), "data/dynatrace/oneagent/agent/lib64/liboneagentproc.so"))
	v := verifier.Run(t, verifier.Build(t), env, r.Archive)
	require.Equal(t, verifier.Clean, v.Code, "%s", v.Text)
}

// What an app has in the file's place is replaced, and not written through.
func TestCertificate_ReplacesTheApps(t *testing.T) {
	env := tenant.New(t)
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
			r := buildx.Request{
				Dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nCOPY own.pem /\nRUN mkdir -p " + dir + " && " + tt.run + "\n",
				Files:      map[string]string{"own.pem": own},
				Secrets:    withCA(tenant.Secrets(env), ca),
			}
			with := buildx.Build(t, r)
			requireCA(t, with.Image(t), ca)
			root := with.Unpack(t)
			require.Equal(t, ca, readFile(t, filepath.Join(root, customCA)))
			require.Equal(t, own, readFile(t, filepath.Join(root, "own.pem")))

			r.Secrets = tenant.Secrets(env)
			without := buildx.Build(t, r)
			require.Equal(t, tt.label, without.Image(t).Config.Config.Labels[agentCALabel], "it keeps its own")
			require.Len(t, without.Image(t).DiffIDs(), len(with.Image(t).DiffIDs())-2, "removed, and another")
		})
	}
}

// A variable of the image may have the agent read elsewhere.
func TestCertificate_WhereTheAgentDoesNotReadIt(t *testing.T) {
	env := tenant.New(t)
	dockerfile := "# syntax=SYNTAX\nFROM debian:bookworm-slim\nENV DT_VAR_CONFIG_DIR=/etc/agent\n"
	const warning = "the image sets DT_VAR_CONFIG_DIR=/etc/agent: the agent reads certificates from /etc/agent/dynatrace/oneagent/agent/customkeys/custom.pem, and not those of DT_AGENT_CA"
	with := buildx.Build(t, buildx.Request{Dockerfile: dockerfile, Secrets: withCA(tenant.Secrets(env), front.NewAuthority(t).PEM)})
	require.Equal(t, 1, with.Warned(warning))
	require.Zero(t, buildx.Build(t, buildx.Request{Dockerfile: dockerfile, Secrets: tenant.Secrets(env)}).Warned(warning))
}

func TestCertificate_WhereItsDirectoryIsAFile(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Request{Dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\nRUN echo > /var/lib/dynatrace\n", Secrets: withCA(tenant.Secrets(env), front.NewAuthority(t).PEM)}
	require.Contains(t, buildx.LastError(t, buildx.Fails(t, r)), "/var/lib/dynatrace in the image is a file; the agent reads the certificates of DT_AGENT_CA from /"+customCA)
	r.Secrets = tenant.Secrets(env)
	buildx.Build(t, r)
}

package frontend_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"
	"github.com/org/dt-frontend/frontend"
	"github.com/org/dt-frontend/internal/random"
	"github.com/stretchr/testify/require"
)

// TestBuild_ChoosesTheFlavor by the loaders of the image.
func TestBuild_ChoosesTheFlavor(t *testing.T) {
	t.Parallel()
	glibc, musl := tree{"lib64/ld-linux-x86-64.so.2": ""}, tree{"lib/ld-musl-x86_64.so.1": ""}
	for name, tt := range map[string]struct {
		base, app tree
		want      string
		warning   string
	}{
		"glibc":              {glibc, nil, "default", ""},
		"musl":               {musl, nil, "musl", ""},
		"both":               {tree{"lib64/ld-linux-x86-64.so.2": "", "lib/ld-musl-x86_64.so.1": ""}, nil, "multidistro", ""},
		"a symlink":          {tree{"lib64": "-> usr/lib64", "usr/lib64/ld-linux-x86-64.so.2": "-> x", "usr/lib64/x": ""}, nil, "default", ""},
		"of the app":         {tree{"bin/sh": ""}, musl, "musl", ""},
		"the base decides":   {glibc, musl, "default", "the agent is of flavor default, and only programs linked against that library are monitored; say flavor=multidistro"},
		"none":               {tree{"bin/sh": ""}, nil, "default", "has no loader of glibc or musl"},
		"gcompat":            {tree{"lib64/ld-linux-x86-64.so.2": "", "lib/ld-musl-x86_64.so.1": "", "lib/libgcompat.so.0": ""}, nil, "musl", ""},
		"musl by both names": {tree{"lib64/ld-linux-x86-64.so.2": "-> /lib/ld-musl-x86_64.so.1", "lib/ld-musl-x86_64.so.1": ""}, nil, "musl", ""},
	} {
		d := newDaemon("FROM example.invalid/app\nRUN true\n", "include=java")
		d.base, d.app = tt.base, tt.app
		d.build(t)
		require.Contains(t, strings.Join(d.steps()["install"], " "), " --flavor "+tt.want+" ", name)
		require.Equal(t, tt.warning != "", len(d.texts) == 1, "%s: %s", name, d.texts)
		require.Contains(t, strings.Join(d.texts, ""), tt.warning, name)
	}
	d := newDaemon(plain, "")
	d.base = tree{"nix/store/x": ""}
	require.ErrorContains(t, d.fails(t), "its loaders lie below /nix/store; say it with flavor=default (glibc) or flavor=musl")
	d = newDaemon("FROM example.invalid/app\nRUN true\n", "include=java;flavor=musl")
	d.build(t)
	require.Empty(t, d.texts, "what is said is not guessed")
}

func TestBuild_FindsTechnologies(t *testing.T) {
	t.Parallel()
	d := newDaemon(plain, "include=auto")
	d.base["usr/bin/java"], d.base["usr/sbin/nginx"] = "", ""
	d.build(t)
	require.Contains(t, strings.Join(d.steps()["download"], " "), " --include java,nginx ")
	d = newDaemon(plain, "include=auto")
	d.build(t)
	require.Contains(t, strings.Join(d.steps()["download"], " "), " --include all ")
	require.Equal(t, []string{"dynatrace: no technology was found in the image for linux/amd64: all are included"}, d.texts)
}

// TestBuild_CopiesWhereItCannotMerge: the image is the same but for the sharing
// of the layer.
func TestBuild_CopiesWhereItCannotMerge(t *testing.T) {
	t.Parallel()
	d := newDaemon(plain, "")
	d.noMerge = true
	b := d.build(t)
	require.Zero(t, b.count(isMerge))
	require.NotContains(t, b.labels(), "layer")
	require.Len(t, d.texts, 1)
	require.Contains(t, d.texts[0], "the agent is copied into the image for linux/amd64, which takes a layer of its own: this builder cannot merge layers")

	d = newDaemon(plain, "")
	d.base["opt"], d.base["srv/opt/x"] = "-> srv/opt", ""
	b = d.build(t)
	require.Zero(t, b.count(isMerge))
	require.Contains(t, d.texts[0], "/opt in the image is a symlink")

	d = newDaemon(plain, "")
	d.base["opt"] = "a file"
	require.ErrorContains(t, d.fails(t), "/opt in the image is a file")
}

// TestBuild_ReplacesWhatIsThere: an older agent, its start and its leftovers.
func TestBuild_ReplacesWhatIsThere(t *testing.T) {
	t.Parallel()
	d := newDaemon(plain, "")
	for _, name := range []string{"opt/dynatrace/oneagent", "opt/dynatrace/dt-start", "opt/dynatrace/dt-start.json", "opt/dynatrace/oneagent.spdx.json"} {
		require.Zero(t, d.build(t).count(removes("/"+name)))
		more := newDaemon(plain, "")
		more.base[name] = ""
		b := more.build(t)
		require.Equal(t, 1, b.count(removes("/"+name)), name)
		require.Contains(t, b.history()[0], "REMOVE /opt/dynatrace/oneagent ")
	}
	d = newDaemon(plain, "")
	d.base["tmp/ruxit/x"], d.base["var/lib/dynatrace/oneagent/log"] = "", "/"
	b := d.build(t)
	require.Equal(t, 1, b.count(removes("/tmp/ruxit")))
	require.Zero(t, b.count(removes("/var/lib/dynatrace/oneagent/log")), "an empty directory stays")
	require.Contains(t, d.texts[0], "left files that the next agent would use: the build removes /tmp/ruxit")
	require.Equal(t, "REMOVE /tmp/ruxit", b.history()[0])
}

// TestBuild_MakesAnAgentImage of an empty one.
func TestBuild_MakesAnAgentImage(t *testing.T) {
	t.Parallel()
	d := newDaemon("FROM scratch\n", "flavor=musl;fips=on;config=merge")
	d.installed.Flavor, d.installed.FIPS, d.installed.Config = "musl", true, "merge"
	b := d.build(t)
	require.Equal(t, map[string]string{
		"mode": "agent", "version": installedVersion, "flavor": "musl", "technologies": "java,nginx", "layer": d.installed.DiffID,
		"preload": d.installed.Preload, "fips": "on", "config": "merge",
	}, b.labels())
	require.Empty(t, b.image.Config.Entrypoint)
	require.Equal(t, []string{"ONEAGENT " + installedVersion + " (musl, FIPS, x86)"}, b.history())
	require.Nil(t, b.file(t, "/opt/dynatrace/dt-start.json"))

	d = newDaemon("FROM scratch\nCMD [\"/x\"]\n", "flavor=musl")
	require.Equal(t, "build", d.build(t).labels()["mode"], "with a command it is an app")
}

// TestBuild_BringsCertificates below the agent.
func TestBuild_BringsCertificates(t *testing.T) {
	t.Parallel()
	for _, options := range []string{"", "mode=runtime"} {
		d := newDaemon(plain, options)
		d.report.CA = "sha256:" + strings.Repeat("89", 32)
		b := d.build(t)
		require.Equal(t, d.report.CA, b.labels()["ca"], options)
		require.Equal(t, "CERTIFICATES /var/lib/dynatrace/oneagent/agent/customkeys/custom.pem", b.history()[0], options)
	}
	d := newDaemon("FROM example.invalid/app\nENV DT_VAR_CONFIG_DIR=/etc/other\n", "")
	d.report.CA = "sha256:" + strings.Repeat("89", 32)
	d.build(t)
	require.Contains(t, strings.Join(d.texts, "\n"), "the image sets DT_VAR_CONFIG_DIR=/etc/other: the agent reads certificates from /etc/other/")
	d = newDaemon(plain, "")
	d.base["var/lib/dynatrace/oneagent/agent/customkeys/custom.pem"] = "mine"
	b := d.build(t)
	require.Equal(t, "sha256:"+sha256Of("mine"), b.labels()["ca"], "those of the app are named, too")
	d = newDaemon("FROM scratch\n", "flavor=musl")
	d.report.CA = "sha256:" + strings.Repeat("89", 32)
	require.NotContains(t, d.build(t).labels(), "ca")
	require.Contains(t, d.texts[0], "DT_AGENT_CA is ignored")
}

// TestBuild_ComparesTheLayer with the one that was pinned.
func TestBuild_ComparesTheLayer(t *testing.T) {
	t.Parallel()
	pinned := newDaemon(plain, "")
	newDaemon(plain, "layer="+pinned.installed.DiffID).build(t)
	other := "sha256:" + strings.Repeat("0", 64)
	require.ErrorContains(t, newDaemon(plain, "on-error=skip;layer="+other).fails(t), "has the digest "+pinned.installed.DiffID+", but layer says "+other)
}

func TestBuild_LooksAtTheEnvironment(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ line, options, want string }{
		"a token":           {"ENV DT_PAAS_TOKEN=x", "", "DT_PAAS_TOKEN"},
		"of another name":   {"ENV MINE=" + random.Token(), "", "MINE holds an API token"},
		"a trusted address": {"ENV DT_API_URL=https://x.invalid", "image-trust=refuse", "decides where dt-start sends the API token"},
		"for later":         {"ONBUILD ENV DT_API_URL=https://x.invalid", "image-trust=refuse", "decides where dt-start sends the API token"},
	} {
		require.ErrorContains(t, newDaemon("FROM example.invalid/app\n"+tt.line+"\n", tt.options).fails(t), tt.want, name)
	}
	for name, tt := range map[string]struct{ line, options, want string }{
		"switched off":    {"ENV DT_AGENTACTIVE=false", "", "DT_AGENTACTIVE=false switches the agent off"},
		"another library": {"ENV LD_PRELOAD=/x/liboneagentproc.so", "", "names another agent's library (/x/liboneagentproc.so)"},
		"env":             {"ENV A=b", "preload=env", "preload=env: every program that a container runs loads the agent"},
		"an address":      {"ENV DT_API_URL=https://x.invalid", "", "decides where dt-start sends the API token"},
	} {
		d := newDaemon("FROM example.invalid/app\n"+tt.line+"\n", tt.options)
		d.build(t)
		require.Contains(t, strings.Join(d.texts, "\n"), tt.want, name)
	}
	d := newDaemon("FROM example.invalid/app\nENV DT_API_URL=https://x.invalid LD_PRELOAD=/x/other.so\n", "image-trust=allow;preload=env")
	b := d.build(t)
	require.NotContains(t, strings.Join(d.texts, "\n"), "decides where")
	require.True(t, b.settings(t).TrustImage)
	require.True(t, b.settings(t).PreloadEnv)
	require.Contains(t, b.image.Config.Env, "LD_PRELOAD=/x/other.so:"+d.installed.Preload)
	require.NotEmpty(t, b.settings(t).ImageEnv)
}

// TestBuild_RefusesVolumes that hide the start helper.
func TestBuild_RefusesVolumes(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, newDaemon("FROM example.invalid/app\nVOLUME /opt\n", "").fails(t), "/opt/dynatrace/dt-start")
	d := newDaemon("FROM example.invalid/app\nVOLUME /opt/dynatrace/oneagent\n", "")
	d.build(t)
	require.Contains(t, strings.Join(d.texts, ""), "the agent: the app runs unmonitored")
	d = newDaemon("FROM example.invalid/app\nVOLUME /srv/opt\n", "")
	d.base["opt"], d.base["srv/opt/x"] = "-> srv/opt", ""
	require.ErrorContains(t, d.fails(t), "/opt/dynatrace/dt-start", "by a symlink")
}

// TestBuild_RefusesTheAgentsSecretsInTheApp.
func TestBuild_RefusesTheAgentsSecretsInTheApp(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"DT_API_URL", "DT_API_TOKEN", "DT_TENANT", "DT_CA_CERT", "DT_PROXY", "DT_AGENT_CA", "DT_INSTALLER_CA"} {
		run := "FROM example.invalid/app\nRUN --mount=type=secret,id=" + id + " true\n"
		require.ErrorContains(t, newDaemon(run, "").fails(t), id)
		d := newDaemon(run, "app-secrets=warn")
		d.build(t)
		require.Contains(t, strings.Join(d.texts, ""), id)
		newDaemon(run, "mode=off").build(t)
	}
}

func TestBuild_SetsTheRelease(t *testing.T) {
	t.Parallel()
	d := newDaemon("FROM example.invalid/app\nLABEL org.opencontainers.image.version=1.0.8 org.opencontainers.image.title=shop org.opencontainers.image.revision=a9\n", "")
	require.Subset(t, d.build(t).image.Config.Env, []string{"DT_RELEASE_VERSION=1.0.8", "DT_RELEASE_PRODUCT=shop", "DT_RELEASE_BUILD_VERSION=a9"})
}

// TestBuild_GoesByThePlatform that is asked for.
func TestBuild_GoesByThePlatform(t *testing.T) {
	t.Parallel()
	for platform, arch := range map[string]string{"linux/amd64": "x86", "linux/arm64": "arm", "linux/ppc64le": "ppcle", "linux/s390x": "s390"} {
		d := newDaemon(plain, "flavor=default;version="+installedVersion)
		d.opts["platform"] = platform
		b := d.build(t)
		require.Contains(t, strings.Join(d.steps()["install"], " "), " --arch "+arch+" ", platform)
		_, name, _ := strings.Cut(platform, "/")
		helper := fmt.Sprintf("/start/linux_%s/dt-start", name)
		require.Equal(t, 1, b.count(func(_ *pb.Op, a *pb.FileAction) bool { return a.GetCopy().GetSrc() == helper }), platform)
	}
	d := newDaemon(plain, "")
	d.opts["platform"] = "linux/riscv64"
	require.ErrorContains(t, d.fails(t), "there is no OneAgent for linux/riscv64; build for one of linux/amd64, linux/arm64, linux/ppc64le, linux/s390x")
}

// nobody is a daemon that does not tell the frontend its own image.
type nobody struct{ *daemon }

func (nobody) CurrentFrontend() (*llb.State, error) { return nil, nil }

func TestBuild_NeedsItsOwnImage(t *testing.T) {
	t.Parallel()
	_, err := frontend.Build(t.Context(), nobody{newDaemon(plain, "")})
	require.ErrorContains(t, err, "does not tell the frontend its own image")
	_, err = frontend.Build(t.Context(), struct{ client.Client }{newDaemon(plain, "")})
	require.ErrorContains(t, err, "this client cannot tell the frontend its own image")
}

func sha256Of(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

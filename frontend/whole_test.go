package frontend_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"
	"github.com/org/dt-frontend/frontend"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/random"
	"github.com/stretchr/testify/require"
)

// plain is a Dockerfile of an app.
const plain = "FROM example.invalid/app\nENTRYPOINT [\"/app\"]\nCMD [\"-v\"]\n"

// labels are those of the product, without their common prefix.
func (b built) labels() map[string]string {
	out := map[string]string{}
	for name, value := range b.image.Config.Labels {
		if rest, ok := strings.CutPrefix(name, "com.dynatrace.oneagent."); ok {
			out[rest] = value
		}
	}
	return out
}

// settings returns what the start helper is told.
func (b built) settings(t *testing.T) agent.Settings {
	t.Helper()
	var out agent.Settings
	require.NoError(t, json.Unmarshal(b.file(t, "/opt/dynatrace/dt-start.json"), &out))
	return out
}

// file returns a file that the image's graph makes; nil is none.
func (b built) file(t *testing.T, name string) []byte {
	t.Helper()
	for _, op := range b.ops {
		for _, a := range op.GetFile().GetActions() {
			if f := a.GetMkfile(); f.GetPath() == name {
				return f.Data
			}
		}
	}
	return nil
}

// count returns how many operations and actions of the image's graph are so.
func (b built) count(is func(*pb.Op, *pb.FileAction) bool) int {
	n := 0
	for _, op := range b.ops {
		actions := op.GetFile().GetActions()
		if len(actions) == 0 {
			actions = []*pb.FileAction{{}}
		}
		for _, a := range actions {
			if is(op, a) {
				n++
			}
		}
	}
	return n
}

func isMerge(op *pb.Op, _ *pb.FileAction) bool { return op.GetMerge() != nil }

func removes(name string) func(*pb.Op, *pb.FileAction) bool {
	return func(_ *pb.Op, a *pb.FileAction) bool { return a.GetRm().GetPath() == name }
}

func TestBuild_PutsTheAgentOntoTheApp(t *testing.T) {
	t.Parallel()
	d := newDaemon(plain, "include=java,nginx;network-zone=zone-9")
	b := d.build(t)
	require.Equal(t, []string{"/opt/dynatrace/dt-start", "--", "/app"}, b.image.Config.Entrypoint)
	require.Equal(t, []string{"-v"}, b.image.Config.Cmd)
	require.Equal(t, map[string]string{
		"entrypoint": `["/app"]`, "flavor": "default", "layer": d.installed.DiffID, "mode": "build", "technologies": "java,nginx", "version": installedVersion,
	}, b.labels())
	require.Equal(t, []string{
		"ONEAGENT " + installedVersion + " (default, x86)", "START /opt/dynatrace/dt-start", "SETTINGS /opt/dynatrace/dt-start.json",
		`ENTRYPOINT ["/opt/dynatrace/dt-start", "--", …]`,
	}, b.history())
	require.True(t, b.image.History[len(b.image.History)-1].EmptyLayer)
	require.Equal(t, 1, b.count(isMerge))
	require.Empty(t, d.texts)
	require.Equal(t, agent.Settings{
		Mode: "build", Version: installedVersion, Flavor: "default", Arch: "x86", Preload: d.installed.Preload, NetworkZone: "zone-9",
		ImageEnv: []agent.ImageVariable{},
	}, b.settings(t))
	require.Contains(t, string(b.file(t, "/opt/dynatrace/oneagent.spdx.json")), `"versionInfo": "`+installedVersion+`"`)
	steps := d.steps()
	require.Equal(t, "/bin/dt-install resolve --out /out --agent x86/default --agent x86/musl --agent x86/multidistro --network-zone zone-9", strings.Join(steps["resolve"], " "))
	require.Len(t, steps, 3)
}

// TestBuild_PassesOptionsToTheSteps: what a user asks for reaches the step that
// can do it.
func TestBuild_PassesOptionsToTheSteps(t *testing.T) {
	t.Parallel()
	sum := "sha256:" + strings.Repeat("0189", 16)
	for option, want := range map[string]map[string]string{
		"fips=on":                     {"install": "--fips"},
		"installer=paas":              {"install": "--archive", "download": "--archive"},
		"config=merge":                {"resolve": "--config", "install": "--config /run/config/config.json"},
		"host-group=group-8":          {"install": "--host-group group-8"},
		"network-zone=zone-9":         {"resolve": "--network-zone zone-9", "download": "--network-zone zone-9"},
		"include=java,go":             {"download": "--include go,java", "install": "--include go,java"},
		"flavor=multidistro":          {"resolve": "--agent x86/multidistro", "download": "--flavor multidistro", "install": "--flavor multidistro"},
		"flavor=musl":                 {"resolve": "--agent x86/musl", "install": "--flavor musl"},
		"version=" + installedVersion: {"resolve": "--agent x86/default/" + installedVersion},
		"version=" + installedVersion + ";checksum=" + sum: {"download": "--checksum " + sum},
	} {
		d := newDaemon(plain, option)
		d.build(t)
		for step, args := range want {
			require.Contains(t, " "+strings.Join(d.steps()[step], " ")+" ", " "+args+" ", "%s of %s", step, option)
		}
	}
	d := newDaemon(plain, "flavor=musl")
	d.build(t)
	for step, args := range d.steps() {
		for _, flag := range []string{"--fips", "--archive", "--config", "--host-group", "--network-zone", "--checksum"} {
			require.NotContains(t, args, flag, step)
		}
	}
}

// TestBuild_WithoutTheAgent leaves the app as it is.
func TestBuild_WithoutTheAgent(t *testing.T) {
	t.Parallel()
	for _, option := range []string{"mode=off", "stages=other"} {
		d := newDaemon("FROM example.invalid/app AS other\n"+plain, option)
		b := d.build(t)
		require.Equal(t, []string{"/app"}, b.image.Config.Entrypoint, option)
		require.Empty(t, b.labels(), option)
		require.Empty(t, b.history(), option)
		require.Empty(t, d.steps(), option)
	}
	for _, option := range []string{"stages=1", "stages=last", "stages=other,last"} {
		d := newDaemon("FROM example.invalid/app AS other\nFROM example.invalid/app AS last\n", option)
		require.Equal(t, "build", d.build(t).labels()["mode"], option)
	}
	err := newDaemon("FROM example.invalid/app AS other\n"+plain, "stages=othe").fails(t)
	require.ErrorContains(t, err, `the Dockerfile has no stage "othe", but other, 1 (did you mean other?)`)
}

// TestBuild_AtRunTime brings a helper alone, which is told all.
func TestBuild_AtRunTime(t *testing.T) {
	t.Parallel()
	d := newDaemon(plain, "mode=runtime;version="+installedVersion+";include=java,go;flavor=musl;network-zone=zone-9;fips=on")
	b := d.build(t)
	require.Equal(t, map[string]string{
		"entrypoint": `["/app"]`, "flavor": "musl", "mode": "runtime", "technologies": "go,java", "version": installedVersion,
	}, b.labels())
	require.Equal(t, agent.Settings{
		Mode: "runtime", Version: installedVersion, Flavor: "musl", Arch: "x86", Include: []string{"go", "java"}, NetworkZone: "zone-9", FIPS: true,
		ImageEnv: []agent.ImageVariable{},
	}, b.settings(t))
	require.Nil(t, b.file(t, "/opt/dynatrace/oneagent.spdx.json"))
	require.Equal(t, []string{"START /opt/dynatrace/dt-start", "SETTINGS /opt/dynatrace/dt-start.json", `ENTRYPOINT ["/opt/dynatrace/dt-start", "--", …]`}, b.history())
	require.Len(t, d.steps(), 1)
	require.Contains(t, d.steps(), "trust")
	b = newDaemon(plain, "mode=runtime").build(t)
	require.Equal(t, map[string]string{"entrypoint": `["/app"]`, "mode": "runtime", "technologies": "all"}, b.labels())
}

// TestBuild_Skips says that there is no agent in a label, and why in a warning.
func TestBuild_Skips(t *testing.T) {
	t.Parallel()
	broken := errors.New("the cluster is away")
	for name, tt := range map[string]struct {
		options string
		set     func(*daemon)
		warning string
	}{
		"an error": {"on-error=skip", func(d *daemon) { d.report.Failure = "the cluster is away" },
			"dynatrace: the image for linux/amd64 is built without OneAgent (on-error=skip): the cluster is away"},
		"a step": {"on-error=skip", func(d *daemon) { d.fail = map[string]error{"resolve": broken} },
			"dynatrace: the image for linux/amd64 is built without OneAgent (on-error=skip): the cluster is away"},
		"a missing secret": {"on-missing-secret=skip", func(d *daemon) { d.report = agent.Report{Failure: "no token", Cause: "missing-secret"} },
			"dynatrace: the image for linux/amd64 is built without OneAgent (on-missing-secret=skip): no token"},
		"an unsupported platform": {"on-unsupported=skip", func(d *daemon) { d.opts["platform"] = "linux/riscv64" },
			"dynatrace: there is no OneAgent for linux/riscv64: the image for it is built without"},
	} {
		d := newDaemon("FROM example.invalid/app\nENTRYPOINT [\"/app\"]\nLABEL mine=1\n", tt.options)
		tt.set(d)
		b := d.build(t)
		require.Equal(t, map[string]string{"mode": "off"}, b.labels(), name)
		require.Equal(t, "1", b.image.Config.Labels["mine"], name)
		require.Equal(t, []string{"/app"}, b.image.Config.Entrypoint, name)
		require.Empty(t, b.history(), name)
		require.Equal(t, []string{tt.warning}, d.texts, name)

		d = newDaemon(plain, "")
		tt.set(d)
		require.Error(t, d.fails(t))
	}
}

// TestBuild_SkipsNoMore than it is told to, and nothing that was pinned.
func TestBuild_SkipsNoMore(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		options string
		report  agent.Report
	}{
		"a secret is not an error": {"on-error=skip", agent.Report{Failure: "why", Cause: "missing-secret"}},
		"an error is not a secret": {"on-missing-secret=skip", agent.Report{Failure: "why"}},
		"a pin":                    {"on-error=skip;on-missing-secret=skip", agent.Report{Failure: "why", Cause: "pin"}},
		"unsupported":              {"on-unsupported=skip", agent.Report{Failure: "why"}},
	} {
		d := newDaemon(plain, tt.options)
		d.report = tt.report
		require.EqualError(t, d.fails(t), "dynatrace: why", name)
	}
	d := newDaemon("FROM example.invalid/app\nRUN true\n", "on-error=skip")
	d.fail = map[string]error{"app": errors.New("the app is broken")}
	require.ErrorContains(t, d.fails(t), "the app is broken")
}

func TestBuild_KeepsTheAgentOfTheBaseWhereItSkips(t *testing.T) {
	t.Parallel()
	d := newDaemon("FROM example.invalid/app\n", "on-error=skip")
	d.report.Failure = "why"
	d.image.Config.Entrypoint = []string{"/opt/dynatrace/dt-start", "--", "/app"}
	d.image.Config.Labels = map[string]string{"com.dynatrace.oneagent.mode": "build"}
	b := d.build(t)
	require.Equal(t, map[string]string{"mode": "build"}, b.labels())
	require.Equal(t, []string{"dynatrace: the image for linux/amd64 keeps the OneAgent of its base image (on-error=skip): why"}, d.texts)
}

// TestBuild_TellsWhatTheStepsSay, each once.
func TestBuild_TellsWhatTheStepsSay(t *testing.T) {
	t.Parallel()
	d := newDaemon(plain, "config=merge")
	d.report.Warnings = []string{"first", "second", "first"}
	d.installed.Config, d.installed.ConfigWarning = "merge", "a key is too long"
	b := d.build(t)
	require.Equal(t, []string{"dynatrace: first", "dynatrace: second"}, d.texts[:2])
	require.Len(t, d.texts, 3)
	require.Contains(t, d.texts[2], "a key is too long")
	require.Equal(t, "merge", b.labels()["config"])

	d = newDaemon(plain, "config=merge")
	d.installed.ConfigWarning = "a key is too long"
	require.NotContains(t, d.build(t).labels(), "config")
	require.Len(t, d.texts, 1)
	require.Contains(t, d.texts[0], "a key is too long")
}

func TestBuild_FailsForAnAgentThatIsNotThere(t *testing.T) {
	t.Parallel()
	d := newDaemon(plain, "")
	d.report.Unavailable = map[string]string{"x86-musl": "no agent for musl"}
	require.Equal(t, "build", d.build(t).labels()["mode"], "another is not missed")
	d.report.Unavailable = map[string]string{"x86-default": "no agent for glibc"}
	require.EqualError(t, d.fails(t), "dynatrace: no agent for glibc")
	require.NotContains(t, d.steps(), "trust")
}

func TestBuild_NeedsANetwork(t *testing.T) {
	t.Parallel()
	d := newDaemon(plain, "")
	d.opts["force-network-mode"] = "none"
	require.ErrorContains(t, d.fails(t), "--network=none leaves no way to the cluster")
	require.Empty(t, d.steps())
}

func TestBuild_RefusesWhatAClientCannotHave(t *testing.T) {
	t.Parallel()
	d := newDaemon(plain, "")
	d.opts["frontend.caps"] = "moby.buildkit.frontend.inputs,moby.buildkit.frontend.subrequests,moby.buildkit.frontend.contexts+forward," +
		"moby.buildkit.frontend.gitquerystring,moby.buildkit.frontend.contexts.zstd"
	d.build(t)
	d.opts["frontend.caps"] += ",moby.buildkit.frontend.other"
	require.ErrorContains(t, d.fails(t), "moby.buildkit.frontend.other")
}

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

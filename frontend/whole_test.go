package frontend_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/moby/buildkit/solver/pb"
	"github.com/org/dt-frontend/internal/agent"
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

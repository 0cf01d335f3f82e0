package start

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/harness/tenant"
	dtagent "github.com/org/dt-frontend/internal/agent"
)

// What starts, and whether the agent gets into the app.
func TestStart_PreloadsTheAgent(t *testing.T) {
	s := sharedStarts.Get(t)
	glibc, musl, static := "/app/"+probeGlibc, "/app/"+probeMusl, "/app/"+probeStatic
	for name, tc := range map[string]struct {
		image   *startImage
		command []string
		// monitored is the app that checks in, withheld what is said where
		// none does.
		monitored, withheld string
	}{
		"dynamic app":                      {image: s.debian, command: []string{glibc}, monitored: probeGlibc},
		"static init that becomes the app": {image: s.debian, command: []string{static, "exec", glibc}, monitored: probeGlibc},
		"static init that stays":           {image: s.debian, command: []string{static, "init", glibc}, monitored: probeGlibc},
		"script that becomes the app":      {image: s.debian, command: []string{"/app/script"}, monitored: probeGlibc},
		"shell that becomes the app":       {image: s.debian, command: []string{"sh", "-c", "exec " + glibc}, monitored: probeGlibc},
		"static shell, app becomes it":     {image: s.debian, command: []string{"/app/busybox", "sh", "-c", "exec " + glibc}, monitored: probeGlibc},
		"static shell with the app inside": {image: s.debian, command: []string{"/app/busybox", "sh", "-c", glibc + "; exit $?"}, monitored: probeGlibc},
		"musl app, glibc agent":            {image: s.debian, command: []string{musl}, withheld: musl + " is linked against "},
		"musl script, glibc agent":         {image: s.debian, command: []string{"/app/script-musl"}, withheld: musl + " is linked against "},

		"multidistro: glibc app":    {image: s.both, command: []string{glibc}, monitored: probeGlibc},
		"multidistro: musl app":     {image: s.both, command: []string{musl}, monitored: probeMusl},
		"multidistro: glibc script": {image: s.both, command: []string{"/app/script"}, monitored: probeGlibc},
		"multidistro: musl script":  {image: s.both, command: []string{"/app/script-musl"}, monitored: "script-musl"},

		"musl: dynamic app":                      {image: s.musl, command: []string{musl}, monitored: probeMusl},
		"musl: static init that becomes the app": {image: s.musl, command: []string{static, "exec", musl}, monitored: probeMusl},
		"musl: script":                           {image: s.musl, command: []string{"/app/script-musl"}, monitored: "script-musl"},
		"musl: static shell":                     {image: s.musl, command: []string{"/bin/sh", "-c", musl + "; exit $?"}, monitored: probeMusl},

		"no shell: dynamic app": {image: s.shellLess, command: []string{glibc}, monitored: probeGlibc},
		"no shell: static init": {image: s.shellLess, command: []string{static, "exec", glibc}, monitored: probeGlibc},
		"nothing but a binary":  {image: s.scratch, command: []string{static}, withheld: "there is no loader in the image that could load the agent"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := s.environment()
			r, o := tc.image.report(t, func(spec *runc.Spec) {
				spec.Entrypoint = append([]string{dtagent.StartPath, "--"}, tc.command...)
				spec.Env = tenant.APIDetails(env)
			})
			if tc.withheld != "" {
				require.Len(t, o.lines, 1, "one line says why: %q", o.lines)
				require.True(t, strings.HasPrefix(o.lines[0], unmonitored+tc.withheld), o.lines[0])
				require.NotContains(t, r.names(), "LD_PRELOAD")
				require.Empty(t, env.Requests(), "nobody is asked for what is of no use")
				return
			}
			// A loader that the library is not for would add a line.
			require.Equal(t, []string{plainHTTP}, o.lines)
			require.Equal(t, agentLibrary, r.value("LD_PRELOAD"))
			in := tenant.RequireCheckIn(t, env, tc.monitored)
			require.Equal(t, r.pid, in.PID)
		})
	}
}

// Others preload things, too.
func TestStart_KeepsWhatOthersPreload(t *testing.T) {
	s := sharedStarts.Get(t)
	// As the vendor's operator injects it: another path, the same name.
	const injected = "/injected/" + agentName
	mount := func(source, destination string) specs.Mount {
		return specs.Mount{Destination: destination, Type: "bind", Source: source, Options: []string{"bind", "ro"}}
	}
	library := mount(filepath.Join(s.debian.rootfs, filepath.Dir(agentLibrary)), filepath.Dir(injected))
	list := filepath.Join(t.TempDir(), "ld.so.preload")
	require.NoError(t, os.WriteFile(list, []byte("# the operator's\n"+injected+"\n"), 0o644))
	withList := []specs.Mount{mount(list, "/etc/ld.so.preload")}
	const other = "/injected/../injected/none.so"

	for name, tc := range map[string]struct {
		env    []string
		mounts []specs.Mount
		// preload is the app's LD_PRELOAD.
		preload string
		// plain says that it is the operator's agent that checks in.
		plain bool
		// lines beside the one on plain http.
		lines int
		// says is what dt-start says besides.
		says string
	}{
		"another library":           {env: []string{"LD_PRELOAD=" + other}, preload: other + ":" + agentLibrary, lines: 1},
		"other libraries, in order": {env: []string{"LD_PRELOAD=" + other + " /b.so"}, preload: other + " /b.so:" + agentLibrary, lines: 2},
		"empty":                     {env: []string{"LD_PRELOAD="}, preload: agentLibrary},
		"ours already":              {env: []string{"LD_PRELOAD=" + agentLibrary}, preload: agentLibrary},
		"one that is not there":     {env: []string{"LD_PRELOAD=/lost/" + agentName}, preload: agentLibrary, says: "LD_PRELOAD names /lost/" + agentName + ", which does not exist"},
		"the operator's":            {env: []string{"LD_PRELOAD=" + injected}, preload: injected, plain: true},
		"the operator's among others": {
			env: []string{"LD_PRELOAD=" + agentLibrary + ".none:" + injected}, preload: agentLibrary + ".none:" + injected, plain: true, lines: 1,
		},
		"the operator's in ld.so.preload": {mounts: withList, plain: true},
		"the operator's, overridden":      {env: []string{"LD_PRELOAD=" + injected, "DT_START_FORCE=true"}, preload: injected + ":" + agentLibrary},
		"ld.so.preload, overridden":       {mounts: withList, env: []string{"DT_START_FORCE=true"}, preload: agentLibrary},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := s.environment()
			r, o := s.debian.report(t, func(spec *runc.Spec) {
				spec.Mounts = slices.Concat([]specs.Mount{library}, tc.mounts)
				spec.Env = append(tenant.APIDetails(env), tc.env...)
				if tc.plain {
					// The operator's agent has its details.
					spec.Env = append(tenant.AgentDetails(env), tc.env...)
				}
			})
			require.Equal(t, tc.preload, r.value("LD_PRELOAD"))
			// The loader has a line for each file that is missing.
			var loader, ours []string
			for _, line := range o.lines {
				if strings.HasPrefix(line, "dt-start: ") {
					ours = append(ours, line)
				} else {
					loader = append(loader, line)
				}
			}
			require.Len(t, loader, tc.lines)
			tenant.RequireCheckIn(t, env, probeGlibc)
			if tc.plain {
				require.Empty(t, ours)
				require.NotContains(t, r.names(), "DT_STORAGE", "nothing is added")
				return
			}
			if tc.says != "" {
				require.Contains(t, strings.Join(ours, "\n"), tc.says)
				ours = slices.DeleteFunc(ours, func(line string) bool { return strings.Contains(line, tc.says) })
			}
			require.Equal(t, []string{plainHTTP}, ours)
		})
	}
}

// agentName is the preload library's file name.
const agentName = "liboneagentproc.so"

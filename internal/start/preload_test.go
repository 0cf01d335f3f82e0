package start

import (
	"debug/elf"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

func TestPreload(t *testing.T) {
	t.Parallel()
	muslAgent := `{"mode":"build","flavor":"musl","arch":"x86","preload":"` + library + `"}`
	both := `{"mode":"build","flavor":"multidistro","arch":"x86","preload":"` + library + `"}`
	for _, tc := range []struct {
		name, app string
		change    func(*fixture)
		want      string // of LD_PRELOAD
		why       string // it is withheld
	}{
		{name: "dynamic", app: "app", want: library},
		{name: "path", app: "/bin/app", want: library},
		{name: "static init, dynamic root", app: "static", want: library},
		{name: "script", app: "script", want: library},
		{name: "script in the working directory", app: "./here", want: library},
		{name: "behind others", app: "app", change: func(f *fixture) { f.set("LD_PRELOAD=/a.so /b.so:/c.so") }, want: "/a.so /b.so:/c.so:" + library},
		{name: "named already", app: "app", change: func(f *fixture) {
			f.files.put(agent.SettingsPath, 0o644, `{"flavor":"default","arch":"x86","preloadEnv":true,"preload":"`+library+`"}`)
			f.set("LD_PRELOAD=/a.so:" + library + " /b.so")
		}, want: "/a.so:" + library + " /b.so"},
		{name: "named by the user", app: "app", change: func(f *fixture) { f.set("LD_PRELOAD=" + library) }, want: library},
		{name: "named in a roundabout way", app: "app", change: func(f *fixture) {
			f.set("LD_PRELOAD=/opt/./dynatrace/oneagent/agent/lib64/../lib64/liboneagentproc.so")
		},
			want: "/opt/./dynatrace/oneagent/agent/lib64/../lib64/liboneagentproc.so:" + library},
		{name: "named by the file", app: "app", change: func(f *fixture) { f.files.put(preloadFile, 0o644, library) }, want: library},
		{name: "empty before", app: "app", change: func(f *fixture) { f.set("LD_PRELOAD= ") }, want: library},
		{name: "unreadable app", app: "/bin/app", change: func(f *fixture) { f.files.put("/bin/app", 0o111, "") }, want: library},
		{name: "scratch", app: "static", change: func(f *fixture) { delete(f.files.MapFS, glibcLoader[1:]) }, why: "there is no loader in the image that could load the agent (/lib64/ld-linux-x86-64.so.2, for glibc)"},
		{name: "nix", app: "/bin/nix", change: func(f *fixture) {
			delete(f.files.MapFS, glibcLoader[1:])
			f.files.put("/bin/nix", 0o755, binaryFor(t, elf.EM_X86_64, "/nix/store/abc-glibc/lib/ld-linux-x86-64.so.2"))
		}, want: library},
		{name: "musl app, glibc agent", app: "musl", why: "/bin/musl is linked against /lib/ld-musl-x86_64.so.1, the agent in the image is for glibc"},
		{name: "gcompat", app: "static", change: func(f *fixture) { f.files.put(agent.Gcompat, 0o755, "") }, why: "there is no loader"},
		{name: "other processor", app: "arm", why: "/bin/arm is made for another processor than the agent (x86, 64 bits)"},
		{name: "musl app, musl agent", app: "musl", change: func(f *fixture) { f.files.put(agent.SettingsPath, 0o644, muslAgent) }, want: library},
		{name: "glibc app, musl agent", app: "app", change: func(f *fixture) { f.files.put(agent.SettingsPath, 0o644, muslAgent) }, why: "the agent in the image is for musl"},
		{name: "static, musl agent, glibc root", app: "static", change: func(f *fixture) { f.files.put(agent.SettingsPath, 0o644, muslAgent) }, why: muslLoader},
		{name: "multidistro, musl", app: "musl", change: func(f *fixture) { f.files.put(agent.SettingsPath, 0o644, both) }, want: library},
		{name: "multidistro, glibc", app: "app", change: func(f *fixture) { f.files.put(agent.SettingsPath, 0o644, both) }, want: library},
		{name: "multidistro, static, musl root", app: "static", change: func(f *fixture) {
			f.files.put(agent.SettingsPath, 0o644, both).put(muslLoader, 0o755, "")
			delete(f.files.MapFS, glibcLoader[1:])
		}, want: library},
		{name: "no library", app: "app", change: func(f *fixture) { delete(f.files.MapFS, library[1:]) }, why: "the agent's library " + library + " is not in the image"},
		{name: "no settings", app: "app", change: func(f *fixture) { delete(f.files.MapFS, agent.SettingsPath[1:]) }, why: "reading /opt/dynatrace/dt-start.json"},
		{name: "damaged settings", app: "app", change: func(f *fixture) { f.files.put(agent.SettingsPath, 0o644, "{") }, why: "/opt/dynatrace/dt-start.json is damaged"},
		{name: "unknown mode", app: "app", change: func(f *fixture) { f.files.put(agent.SettingsPath, 0o644, `{"mode":"later"}`) }, why: `mode "later"`},
		{name: "unknown arch", app: "app", change: func(f *fixture) {
			f.files.put(agent.SettingsPath, 0o644, `{"arch":"riscv64","preload":"`+library+`"}`)
		}, why: "no architecture of an agent"},
		{name: "loop of scripts", app: "/bin/loop", change: func(f *fixture) { f.files.put("/bin/loop", 0o755, "#!/bin/loop\n") }, want: library},
		{name: "forced", app: "app", change: func(f *fixture) {
			f.set("LD_PRELOAD=/other/liboneagentproc.so:"+library, "DT_START_FORCE=true")
		}, want: "/other/liboneagentproc.so:" + library},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t).agentVariables()
			f.args = []string{tc.app}
			if tc.change != nil {
				tc.change(f)
			}
			p := f.make(t)
			require.Zero(t, p.Exit)
			if tc.why == "" {
				require.Equal(t, tc.want, newEnviron(p.Env).get("LD_PRELOAD"), said(p))
				require.True(t, p.Monitored)
				require.Empty(t, said(p))
				return
			}
			require.False(t, p.Monitored)
			require.Equal(t, f.env, p.Env, "the app starts as it would without us")
			require.True(t, strings.HasPrefix(said(p), "dt-start: the app runs unmonitored: "), said(p))
			require.Contains(t, said(p), tc.why)
			require.Equal(t, 1, strings.Count(said(p), "\n"))
		})
	}
}

// TestPreload_NamesNoAgentThatIsThere: such an image ran unmonitored, and
// nothing said so.
func TestPreload_NamesNoAgentThatIsThere(t *testing.T) {
	t.Parallel()
	const lost = "/lost/liboneagentproc.so"
	for _, tc := range []struct {
		name, app, list, file string
		want                  string // of LD_PRELOAD
		says                  string
		plain                 bool // somebody else has seen to the agent
	}{
		{name: "the variable", list: lost, want: library, says: "LD_PRELOAD names " + lost + ", which does not exist"},
		{name: "among others", list: "/a.so:" + lost + " /b.so", want: "/a.so:/b.so:" + library, says: "LD_PRELOAD names " + lost},
		{name: "a name alone", list: "liboneagentproc.so", want: library, says: "LD_PRELOAD names liboneagentproc.so, which does not exist"},
		{name: "a variable of the loader's", list: "/lost/$LIB/liboneagentproc.so", want: library, says: "LD_PRELOAD names /lost/$LIB/"},
		{name: "a directory", list: "/bin/dir/liboneagentproc.so", want: library, says: "LD_PRELOAD names /bin/dir/"},
		{name: "no library", list: "/bin/text/liboneagentproc.so", want: library, says: "LD_PRELOAD names /bin/text/"},
		{name: "an empty file", list: "/bin/empty/liboneagentproc.so", want: library, says: "LD_PRELOAD names /bin/empty/"},
		{name: "the file", file: lost + "\n", want: library, says: "/etc/ld.so.preload names " + lost + ", which does not exist"},
		{name: "musl reads no file", app: "musl", file: "/other/liboneagentproc.so", want: library},
		{name: "there", list: lost + ":/other/liboneagentproc.so", plain: true, says: "LD_PRELOAD names " + lost},
		{name: "there, in a directory of libraries", list: "/other/$LIB/liboneagentproc.so", plain: true},
		{name: "there, for a name alone", list: "liboneagentproc.so -x", file: "", plain: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t).other("/other/liboneagentproc.so").other("/other/lib/x86_64-linux-gnu/liboneagentproc.so").agentVariables()
			f.files.put("/bin/dir/liboneagentproc.so/x", 0o644, "").put("/bin/text/liboneagentproc.so", 0o755, "text").put("/bin/empty/liboneagentproc.so", 0o755, "")
			if tc.app != "" {
				f.args = []string{tc.app}
				f.files.put(agent.SettingsPath, 0o644, `{"flavor":"musl","arch":"x86","preload":"`+library+`"}`)
			}
			if tc.list != "" {
				f.set("LD_PRELOAD=" + tc.list)
			}
			if strings.HasSuffix(tc.list, "-x") {
				f.set("LD_LIBRARY_PATH=/nowhere:/other")
			}
			f.files.put(preloadFile, 0o644, tc.file)
			p := f.make(t)
			require.True(t, p.Monitored)
			if tc.says == "" {
				require.Empty(t, said(p))
			} else {
				require.Contains(t, said(p), tc.says)
				require.Equal(t, 1, strings.Count(said(p), "\n"), said(p))
			}
			if tc.plain {
				require.Equal(t, f.env, p.Env)
				return
			}
			require.Equal(t, tc.want, newEnviron(p.Env).get("LD_PRELOAD"))
		})
	}
}

func TestWithheldAsksNobody(t *testing.T) {
	t.Parallel()
	f := newFixture(t).apiVariables()
	f.args = []string{"musl"}
	require.False(t, f.make(t).Monitored)
	require.Empty(t, f.cluster.requests)
}

func TestLoads(t *testing.T) {
	t.Parallel()
	for interp, want := range map[string][3]bool{ // default, musl, multidistro
		glibcLoader:                         {true, false, true},
		"/lib/ld-linux-aarch64.so.1":        {true, false, true},
		"/lib64/ld64.so.2":                  {true, false, true},
		"/lib/ld64.so.1":                    {true, false, true},
		"/gnu/store/x/ld-linux-x86-64.so.2": {true, false, true},
		muslLoader:                          {false, true, true},
		"/system/bin/linker64":              {false, false, false},
		"/lib/ld-uClibc.so.0":               {false, false, false},
	} {
		for i, flavor := range []agent.Flavor{agent.FlavorDefault, agent.FlavorMusl, agent.FlavorMultidistro} {
			require.Equal(t, want[i], loads(interp, flavor), "%s %s", interp, flavor)
		}
	}
}

func TestPlatforms(t *testing.T) {
	t.Parallel()
	for arch, want := range map[agent.Arch]platform{
		"x86":   {62, elf.ELFDATA2LSB, "/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1"},
		"arm":   {183, elf.ELFDATA2LSB, "/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-aarch64.so.1"},
		"ppcle": {21, elf.ELFDATA2LSB, "/lib64/ld64.so.2", "/lib/ld-musl-powerpc64le.so.1"},
		"s390":  {22, elf.ELFDATA2MSB, "/lib/ld64.so.1", "/lib/ld-musl-s390x.so.1"},
	} {
		got, ok := platformOf(arch)
		require.True(t, ok, arch)
		require.Equal(t, want, got)
	}
	_, ok := platformOf("sparc")
	require.False(t, ok)
}

package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// runtimeContainer has no agent, and a cluster that does.
type runtimeContainer struct {
	*container
	*cluster.Environment
}

func newRuntimeContainer(t *testing.T, shell bool, opts ...cluster.EnvironmentOption) *runtimeContainer {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root: the container's folders have to be another's")
	}
	lib := filepath.Join(t.TempDir(), "lib.so")
	b := make([]byte, 64)
	copy(b, "\x7fELF\x02\x01\x01")
	binary.LittleEndian.PutUint16(b[16:], 3)
	binary.LittleEndian.PutUint16(b[18:], 62)
	binary.LittleEndian.PutUint16(b[52:], 64)
	require.NoError(t, os.WriteFile(lib, b, 0o600))
	s := cluster.New(cluster.Options{Library: func(agent.Arch, agent.Flavor) (string, error) { return lib, nil }, Logf: t.Logf})
	c := &runtimeContainer{newContainer(t), s.AddEnvironment(opts...)}
	require.NoError(t, s.Start(""))
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	require.NoError(t, os.RemoveAll(c.root+agent.Dir))
	c.put(t, agent.SettingsPath, []byte(`{"mode":"runtime","arch":"x86","include":["java"]}`), 0o644)
	require.NoError(t, os.Mkdir(c.root+"/tmp", 0o755))
	require.NoError(t, os.Chmod(c.root+"/tmp", fs.ModeSticky|0o777))
	if shell {
		c.addShell(t)
	}
	return c
}

// addShell gives the container busybox, which is static on this machine.
func (c *runtimeContainer) addShell(t *testing.T) {
	t.Helper()
	name, err := exec.LookPath("busybox")
	if err != nil {
		t.Skip("needs busybox")
	}
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	if bytes.Contains(b[:4096], []byte("/ld-")) {
		t.Skip("needs a static busybox")
	}
	c.put(t, "/bin/busybox", b, 0o755)
	for _, tool := range []string{"sh", "tail", "gzip", "tar", "mkdir"} {
		require.NoError(t, os.Symlink("busybox", c.root+"/bin/"+tool))
	}
	require.NoError(t, os.Mkdir(c.root+"/dev", 0o755))
	if err := syscall.Mknod(c.root+"/dev/null", syscall.S_IFCHR|0o666, 1<<8|3); err != nil {
		t.Skip("needs devices: ", err)
	}
	require.NoError(t, os.Chmod(c.root+"/dev/null", 0o666))
}

func (c *runtimeContainer) env(more ...string) []string {
	return append([]string{"DT_API_URL=" + c.APIURL(), "DT_API_TOKEN=" + c.APIToken(), "DT_TENANT=" + c.ID()}, more...)
}

// names lists a folder of the container.
func (c *runtimeContainer) names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(c.root + dir)
	require.NoError(t, err)
	list := []string{}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func eachForm(t *testing.T, f func(t *testing.T, shell bool)) {
	for name, shell := range map[string]bool{"script": true, "zip": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, shell)
		})
	}
}

func TestRuntime(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, shell bool) {
		for name, tc := range map[string]struct {
			uid uint32
			dir string
		}{
			"root":     {0, agent.Dir},
			"ordinary": {12345, "/tmp/dt-start-12345/oneagent"},
		} {
			t.Run(name, func(t *testing.T) {
				c := newRuntimeContainer(t, shell)
				c.uid = tc.uid
				for range 2 {
					r, stderr, code := c.run(t, c.env(), "--", "app")
					require.Zero(t, code, stderr)
					require.Equal(t, 1, r.PID)
					require.Contains(t, r.Env, "LD_PRELOAD="+tc.dir+"/"+agent.PreloadLibrary, stderr)
					require.Contains(t, r.Env, "DT_TENANTTOKEN="+c.TenantToken())
					require.NotContains(t, strings.Join(r.Env, "\n"), c.APIToken())
					require.NotContains(t, stderr, "unmonitored")
					require.FileExists(t, c.root+tc.dir+"/"+agent.PreloadLibrary)
				}
				require.Equal(t, 1, c.Count(cluster.EndpointInstaller), "a restart downloads nothing")
				require.Equal(t, []string{".dt-start.lock", "oneagent"}, present(c.names(t, filepath.Dir(tc.dir))))
				require.Equal(t, shell, c.Installers()[0].Spec.Type == cluster.TypePaaSScript)
				require.Equal(t, agent.FlavorMusl, c.Installers()[0].Spec.Flavor)
			})
		}
	})
}

// present leaves out what an image has there anyway.
func present(names []string) []string {
	var list []string
	for _, n := range names {
		if n != "dt-start" && n != "dt-start.json" {
			list = append(list, n)
		}
	}
	return list
}

// TestRuntimeKilledAndStartedAgain in mid-download, and by every signal that
// ends a container.
func TestRuntimeKilledAndStartedAgain(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			eachForm(t, func(t *testing.T, shell bool) {
				c := newRuntimeContainer(t, shell, cluster.WithFiller(2<<20))
				c.SetFault(cluster.Fault{Kind: cluster.FaultStall, On: []cluster.Endpoint{cluster.EndpointInstaller}})
				cmd, stdout, stderr := c.command(t, c.env(), "--", "app")
				require.NoError(t, cmd.Start())
				work := filepath.Join(c.root, agent.Root, ".dt-start-work-*", "installer")
				require.Eventually(t, func() bool {
					found, _ := filepath.Glob(work)
					if len(found) == 0 {
						return false
					}
					st, err := os.Stat(found[0])
					return err == nil && st.Size() > 0
				}, 10*time.Second, 5*time.Millisecond, "it downloads")
				began := time.Now()
				require.NoError(t, cmd.Process.Signal(s))
				_ = cmd.Wait()
				require.Less(t, time.Since(began), 15*time.Second, "at once")
				require.Empty(t, stdout.String(), "the app is not started")
				require.Equal(t, 1, strings.Count(stderr.String(), "\n"), stderr)
				require.Contains(t, stderr.String(), "plain http")
				if s != syscall.SIGKILL {
					require.Equal(t, 128+int(s), cmd.ProcessState.ExitCode())
					require.Equal(t, []string{".dt-start.lock"}, present(c.names(t, agent.Root)))
				}
				c.ClearFaults()
				r, said, code := c.run(t, c.env(), "--", "app")
				require.Zero(t, code, said)
				require.Contains(t, r.Env, "LD_PRELOAD="+library, said)
				require.Equal(t, []string{".dt-start.lock", "oneagent"}, present(c.names(t, agent.Root)), "leftovers are gone")
			})
		})
	}
}

func TestRuntimeTwoAtOnce(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, shell bool) {
		c := newRuntimeContainer(t, shell, cluster.WithFiller(8<<20))
		var cmds []*exec.Cmd
		var outs, errs []*bytes.Buffer
		for range 3 {
			cmd, stdout, stderr := c.command(t, c.env(), "--", "app")
			require.NoError(t, cmd.Start())
			cmds, outs, errs = append(cmds, cmd), append(outs, stdout), append(errs, stderr)
		}
		for i, cmd := range cmds {
			require.NoError(t, cmd.Wait(), errs[i])
			var r report
			require.NoError(t, json.Unmarshal(outs[i].Bytes(), &r))
			require.Contains(t, r.Env, "LD_PRELOAD="+library, errs[i])
		}
		require.Equal(t, 1, c.Count(cluster.EndpointInstaller))
	})
}

// TestRuntimeFaults: in all of them the app runs.
func TestRuntimeFaults(t *testing.T) {
	t.Parallel()
	on := func(e cluster.Endpoint, k cluster.FaultKind) func(*testing.T, *runtimeContainer) {
		return func(_ *testing.T, c *runtimeContainer) {
			c.SetFault(cluster.Fault{Kind: k, On: []cluster.Endpoint{e}})
		}
	}
	tmpfs := func(dir string, flags uintptr, options string) func(*testing.T, *runtimeContainer) {
		return func(t *testing.T, c *runtimeContainer) {
			c.uid = 12345
			if err := syscall.Mount("tmpfs", c.root+dir, "tmpfs", flags, options); err != nil {
				t.Skip("needs to mount: ", err)
			}
			t.Cleanup(func() { require.NoError(t, syscall.Unmount(c.root+dir, syscall.MNT_DETACH)) })
		}
	}
	for name, tc := range map[string]struct {
		change func(*testing.T, *runtimeContainer)
		env    []string
		want   string
	}{
		"cluster down": {change: on(cluster.EndpointConnectionInfo, cluster.FaultUnavailable), want: "the cluster failed (503)"},
		"no version":   {change: on(cluster.EndpointMetainfo, cluster.FaultForbidden), want: "lacks the scope InstallerDownload"},
		"no installer": {change: on(cluster.EndpointInstaller, cluster.FaultNotFound), want: "(404)"},
		"web page":     {change: on(cluster.EndpointInstaller, cluster.FaultHTML), want: "a web page"},
		"checksum":     {change: on(cluster.EndpointInstaller, cluster.FaultBadChecksum), want: "the installer is damaged"},
		"slow":         {change: on(cluster.EndpointInstaller, cluster.FaultStall), env: []string{"DT_START_DOWNLOAD_TIMEOUT=500ms"}, want: "was not installed in time (DT_START_DOWNLOAD_TIMEOUT=500ms)"},
		"no space":     {change: tmpfs("/tmp", 0, "mode=1777,size=512k"), env: []string{"DT_AGENT_DIR=/tmp"}, want: "there is no space for the agent in /tmp/dt-start-12345"},
		"no execution": {change: tmpfs("/tmp", syscall.MS_NOEXEC, "mode=1777"), env: []string{"DT_AGENT_DIR=/tmp"}, want: "/tmp: it is mounted noexec"},
		"read-only":    {change: tmpfs("/tmp", syscall.MS_RDONLY, "mode=1777"), env: []string{"DT_AGENT_DIR=/tmp"}, want: "/tmp: read-only file system"},
		"memory":       {change: tmpfs("/tmp", 0, "mode=1777"), want: "/tmp: it is in memory"},
		"a folder with a space": {change: func(_ *testing.T, c *runtimeContainer) {
			c.uid = 12345
			require.NoError(t, os.Chmod(c.root+"/tmp", 0o755))
		}, env: []string{"DT_AGENT_DIR=/a b"}, want: "/a b: its path has a space"},
		"a folder of all": {change: tmpfs("/tmp", 0, "mode=777"), want: "/tmp: other users can write to it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachForm(t, func(t *testing.T, shell bool) {
				c := newRuntimeContainer(t, shell, cluster.WithFiller(1<<20))
				tc.change(t, c)
				began := time.Now()
				r, stderr, code := c.run(t, c.env(tc.env...), "--", "app")
				t.Logf("the app ran after %s: %s", time.Since(began).Round(time.Millisecond), strings.TrimSpace(stderr))
				require.Zero(t, code, stderr)
				require.Equal(t, 1, r.PID, "the app ran")
				require.NotContains(t, strings.Join(r.Env, "\n"), "LD_PRELOAD")
				require.Contains(t, stderr, "dt-start: the app runs unmonitored: ")
				require.Contains(t, stderr, tc.want)
				require.NotContains(t, stderr, c.APIToken())
				require.NotContains(t, stderr, c.TenantToken())
				require.NotContains(t, present(c.names(t, agent.Root)), "oneagent")
				if c.uid != 0 {
					left, err := filepath.Glob(c.root + "/tmp/dt-start-*/.dt-start-work-*")
					require.NoError(t, err)
					require.Empty(t, left, "partial files are removed")
				}
				_, _, code = c.run(t, c.env(append(tc.env, "DT_START_ON_ERROR=fail")...), "--", "app")
				require.Equal(t, 78, code)
			})
		})
	}
}

// TestRuntimeLeavesNoToken: what lies in files is what the cluster sent.
func TestRuntimeLeavesNoToken(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, shell bool) {
		c := newRuntimeContainer(t, shell)
		_, stderr, code := c.run(t, c.env("DT_START_LOG=debug"), "--", "app")
		require.Zero(t, code, stderr)
		require.NotContains(t, stderr, c.APIToken())
		require.NotContains(t, stderr, c.TenantToken())
		require.NoError(t, filepath.WalkDir(c.root, func(name string, d fs.DirEntry, err error) error {
			require.NoError(t, err)
			if !d.Type().IsRegular() {
				return nil
			}
			b, err := os.ReadFile(name)
			require.NoError(t, err)
			for _, s := range []string{c.APIToken(), c.TenantToken(), c.APIURL()} {
				require.False(t, bytes.Contains(b, []byte(s)), name)
			}
			return nil
		}))
	})
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	c := newRuntimeContainer(t, false)
	for _, step := range []string{"before", "after"} {
		for _, form := range []string{"", "--json"} {
			args := []string{"doctor", form, "--", "app"}
			if form == "" {
				args = []string{"doctor", "--", "app"}
			}
			cmd, stdout, stderr := c.command(t, c.env(), args...)
			require.NoError(t, cmd.Run(), stdout.String()+stderr.String())
			for _, s := range c.Secrets() {
				require.NotContains(t, stdout.String()+stderr.String(), s.Value, s.Name)
			}
			if form == "" {
				require.Contains(t, stdout.String(), "The app would be monitored.")
				continue
			}
			var d map[string]any
			require.NoError(t, json.Unmarshal(stdout.Bytes(), &d))
			require.Equal(t, true, d["monitored"])
			require.Equal(t, true, d["listed"])
			require.Equal(t, step == "after", d["inPlace"])
			require.Equal(t, cluster.DefaultTarget, d["version"])
			require.Equal(t, "musl", d["flavor"])
			require.Equal(t, agent.Dir, d["dir"])
		}
		if step == "before" {
			require.Empty(t, present(c.names(t, agent.Root)), "doctor changes nothing")
			_, stderr, code := c.run(t, c.env(), "--", "app")
			require.Zero(t, code, stderr)
		}
	}
	for want, args := range map[int][]string{1: {"doctor"}, 2: {"doctor", "--xml"}} {
		cmd, _, _ := c.command(t, nil, args...)
		var exit *exec.ExitError
		require.ErrorAs(t, cmd.Run(), &exit)
		require.Equal(t, want, exit.ExitCode())
	}
}

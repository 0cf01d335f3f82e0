package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

const library = agent.Dir + "/" + agent.PreloadLibrary

// binaries are dt-start, as it goes into an image, an app, and a parent with
// signals of its own.
var binaries struct{ start, app, parent string }

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "dt-start")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	for pkg, name := range map[string]*string{".": &binaries.start, "./testdata/app": &binaries.app, "./testdata/parent": &binaries.parent} {
		*name = filepath.Join(dir, filepath.Base(pkg)+"-binary")
		flags := "-s -w -X github.com/org/dt-frontend/internal/version.linked=0.0.1"
		if pkg == "." {
			flags += " -E dt_start_entry"
		}
		c := exec.Command("go", "build", "-trimpath", "-ldflags="+flags, "-o", *name, pkg)
		c.Env = append(os.Environ(), "CGO_ENABLED=0")
		c.Stderr = os.Stderr
		if err := c.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "building", pkg, err)
			return 1
		}
	}
	return m.Run()
}

// container is a root file system with an agent and a static app.
type container struct {
	root string
	uid  uint32
}

func newContainer(t *testing.T) *container {
	t.Helper()
	c := &container{root: t.TempDir()}
	for name, content := range map[string]string{
		agent.SettingsPath: `{"mode":"build","version":"1.305.152.20241113-104505","flavor":"multidistro","arch":"x86","preload":"` + library + `"}`,
		library:            "",
		// A loader is looked for by name alone; nothing here is dynamic.
		"/lib/ld-musl-x86_64.so.1": "",
		"/etc/resolv.conf":         "nameserver 127.0.83.2\n",
	} {
		c.put(t, name, []byte(content), 0o644)
	}
	for name, from := range map[string]string{agent.StartPath: binaries.start, "/bin/app": binaries.app} {
		// Not written anew: a test that forks meanwhile would hold the file open
		// for writing, and nobody could execute it ("text file busy").
		require.NoError(t, os.MkdirAll(filepath.Dir(c.root+name), 0o755))
		require.NoError(t, os.Link(from, c.root+name))
	}
	for d := c.root; d != filepath.Dir(filepath.Dir(c.root)); d = filepath.Dir(d) {
		require.NoError(t, os.Chmod(d, 0o755))
	}
	return c
}

func (c *container) put(t *testing.T, name string, b []byte, mode os.FileMode) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(c.root+name), 0o755))
	require.NoError(t, os.WriteFile(c.root+name, b, mode))
}

// command starts a container with dt-start as its first process.
func (c *container) command(t *testing.T, env []string, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	cmd = exec.CommandContext(t.Context(), agent.StartPath, args...)
	cmd.Dir, cmd.Env = "/", append([]string{"PATH=/sbin:/bin"}, env...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.WaitDelay = time.Second
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: c.root, Cloneflags: syscall.CLONE_NEWPID}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
	} else if c.uid != 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: c.uid, Gid: c.uid}
	}
	return cmd, stdout, stderr
}

// report is what the app tells.
type report struct {
	PID, UID  int
	Args, Env []string
}

func (c *container) run(t *testing.T, env []string, args ...string) (report, string, int) {
	t.Helper()
	cmd, stdout, stderr := c.command(t, env, args...)
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.Is(err, syscall.EPERM) {
		t.Skip("needs root or user namespaces")
	}
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	var r report
	if stdout.Len() > 0 {
		require.NoError(t, json.Unmarshal(stdout.Bytes(), &r), stdout.String())
	}
	return r, stderr.String(), cmd.ProcessState.ExitCode()
}

func agentVariables() []string {
	return []string{"DT_TENANT=abc12345", "DT_TENANTTOKEN=t", "DT_CONNECTION_POINT=https://a.invalid"}
}

func TestBecomesTheApp(t *testing.T) {
	t.Parallel()
	c := newContainer(t)
	c.uid = 12345
	env := append(agentVariables(), "ODD", "X=a b")
	r, stderr, code := c.run(t, env, "--", "app", "-v", "--", "")
	require.Zero(t, code, stderr)
	require.Empty(t, stderr)
	require.Equal(t, 1, r.PID)
	if os.Getuid() == 0 {
		require.Equal(t, 12345, r.UID)
	}
	require.Equal(t, []string{"app", "-v", "--", ""}, r.Args)
	require.Subset(t, r.Env, append(env, "LD_PRELOAD="+library))
	require.Contains(t, r.Env, "DT_LOGLEVELFILE=none", "nothing is writable for this user")
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	c := newContainer(t)
	c.put(t, "/bin/data", []byte("data"), 0o755)
	c.put(t, "/bin/closed", []byte("data"), 0o644)
	c.put(t, "/bin/orphan", []byte("#!/bin/none\n"), 0o755)
	for _, tc := range []struct {
		args []string
		want int
		said string
	}{
		{[]string{"--", "app", "0"}, 0, ""},
		{[]string{"--", "app", "1"}, 1, ""},
		{[]string{"--", "app", "137"}, 137, ""},
		{[]string{"app", "3"}, 3, ""},
		{[]string{"--", "none"}, 127, `cannot start "none": not found in PATH`},
		{[]string{"--", "/bin/closed"}, 126, `cannot start "/bin/closed": permission denied`},
		{[]string{"--", "data"}, 126, `cannot start "/bin/data": exec format error`},
		{[]string{"--", "orphan"}, 127, "the interpreter or the loader that it names is missing"},
		{[]string{"--"}, 127, "nothing to start"},
		{nil, 127, "nothing to start"},
	} {
		_, stderr, code := c.run(t, agentVariables(), tc.args...)
		require.Equal(t, tc.want, code, tc.args)
		if tc.said == "" {
			require.Empty(t, stderr)
			continue
		}
		require.Contains(t, stderr, tc.said)
		require.True(t, strings.HasPrefix(stderr, "dt-start: "), stderr)
		require.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	out, err := exec.Command(binaries.start, "version").Output()
	require.NoError(t, err)
	require.Equal(t, "dt-start 0.0.1\n", string(out))
	out, err = exec.Command(binaries.start, "--help").Output()
	require.NoError(t, err)
	require.Contains(t, string(out), "dt-start -- APP")
}

// TestLeavesNoTrace: what a Go program changes of its process is as before.
func TestLeavesNoTrace(t *testing.T) {
	t.Parallel()
	script := `ulimit -Sn 77; trap '' HUP PIPE USR1; exec "$0" -- /bin/sh -c 'ulimit -Sn; cat /proc/self/status; ls /proc/self/fd | wc -l'`
	direct := strings.Replace(script, `"$0" --`, "", 1)
	traces := map[string]string{}
	for name, s := range map[string]string{"dt-start": script, "direct": direct} {
		var kept []string
		c := exec.Command("/bin/sh", "-c", s, binaries.start)
		c.Env = []string{"PATH=/bin:/usr/bin", "DT_START_LOG=off"}
		out, err := c.Output()
		require.NoError(t, err)
		for line := range strings.Lines(string(out)) {
			if !strings.Contains(line, ":") || strings.HasPrefix(line, "Sig") || strings.HasPrefix(line, "Shd") || strings.HasPrefix(line, "Threads") {
				kept = append(kept, line)
			}
		}
		traces[name] = strings.Join(kept, "")
	}
	require.Contains(t, traces["direct"], "77\n")
	// Pending signals of the user, SigQ, change by themselves.
	for name, s := range traces {
		before, after, ok := strings.Cut(s, "SigQ:")
		require.True(t, ok)
		_, after, _ = strings.Cut(after, "\n")
		traces[name] = before + after
	}
	require.Equal(t, traces["direct"], traces["dt-start"])
}

func TestSize(t *testing.T) {
	t.Parallel()
	info, err := os.Stat(binaries.start)
	require.NoError(t, err)
	t.Logf("dt-start has %d bytes", info.Size())
	require.LessOrEqual(t, info.Size(), int64(8<<20))
}

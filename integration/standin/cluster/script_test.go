package cluster_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/internal/agent"
)

// shellRun is one of a script with a shell.
type shellRun struct {
	shell  string
	prefix string
	env    []string
}

// run returns what was printed and the exit code. The script has no terminal.
func (r shellRun) run(ctx context.Context, t *testing.T, script string) (string, int) {
	t.Helper()
	home := t.TempDir()
	cmd := exec.CommandContext(ctx, "sh", "-c", `umask 022; exec "$@"`, "sh", r.shell, script, r.prefix)
	cmd.Dir = home
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + home}, r.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		require.NoError(t, err, "%s", out)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

const made = "dynatrace/oneagent"

func TestScriptsThatFail(t *testing.T) {
	e := start(t).AddEnvironment()
	for kind, want := range map[cluster.FaultKind]struct {
		code   int
		output string
		folder bool
	}{
		cluster.FaultNoFiles:     {0, "Unpacking complete.", true},
		cluster.FaultNoFolder:    {0, "Unpacking complete.", false},
		cluster.FaultSilentFails: {3, "", false},
	} {
		t.Run(string(kind), func(t *testing.T) {
			r := shellRun{shell: "sh", prefix: t.TempDir()}
			out, code := r.run(t.Context(), t, faulty(t, e, kind).Path)
			require.Equal(t, want.code, code)
			if want.output == "" {
				require.Empty(t, out)
			} else {
				require.Contains(t, out, want.output)
			}
			entries, err := os.ReadDir(filepath.Join(r.prefix, made))
			require.Empty(t, entries)
			require.Equal(t, want.folder, err == nil)
		})
	}
}

// The ones for bash work with it, and with no other shell.
func TestScriptsForBash(t *testing.T) {
	bash, err := exec.LookPath("bash")
	require.NoError(t, err)
	e := start(t).AddEnvironment()
	for kind, shebang := range map[cluster.FaultKind]string{
		cluster.FaultBashSyntax:  "#!/bin/bash\n",
		cluster.FaultBashByEnv:   "#!/usr/bin/env bash\n",
		cluster.FaultBashChecked: "#!/bin/bash\n",
		cluster.FaultBashCalled:  "#!/bin/sh\n",
		cluster.FaultBashBecome:  "#!/bin/sh\n",
		cluster.FaultBashUnnamed: "#!/bin/sh\n",
		cluster.ScriptNamesBash:  "#!/bin/bash\n",
	} {
		t.Run(string(kind), func(t *testing.T) {
			script := faulty(t, e, kind).Path
			text, err := os.ReadFile(script)
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(string(text), shebang))

			r := shellRun{shell: bash, prefix: t.TempDir()}
			out, code := r.run(t.Context(), t, script)
			require.Zero(t, code, out)
			require.FileExists(t, filepath.Join(r.prefix, made, "manifest.json"))

			// Where there is none.
			bin := t.TempDir()
			busybox, err := exec.LookPath("busybox")
			require.NoError(t, err)
			for _, name := range []string{"sh", "env", "mkdir", "tail", "gzip", "tar"} {
				require.NoError(t, os.Symlink(busybox, filepath.Join(bin, name)))
			}
			r = shellRun{shell: filepath.Join(bin, "sh"), prefix: t.TempDir(), env: []string{"PATH=" + bin}}
			out, code = r.run(t.Context(), t, script)
			if kind == cluster.ScriptNamesBash {
				require.Zero(t, code, out)
				return
			}
			require.NotZero(t, code, out)
		})
	}
}

func TestScriptsThatWork(t *testing.T) {
	e := start(t).AddEnvironment()
	for _, kind := range []cluster.FaultKind{
		cluster.ScriptSilent, cluster.ScriptUsesTools, cluster.ScriptAsksMachine, cluster.ScriptFixedPrefix, cluster.FaultOutside,
	} {
		for _, shell := range []string{"sh", "busybox"} {
			t.Run(string(kind)+" with "+shell, func(t *testing.T) {
				root := t.TempDir()
				script := faulty(t, e, kind).Path
				r := shellRun{shell: "sh", prefix: filepath.Join(root, "given"), env: []string{"STAND_IN_ROOT=" + root}}
				if shell == "busybox" {
					bin := t.TempDir()
					withApplets(t, bin)
					r.shell = filepath.Join(bin, "sh")
					r.env = append(r.env, "PATH="+bin)
				}
				out, code := r.run(t.Context(), t, script)
				require.Zero(t, code, out)
				prefix := r.prefix
				if kind == cluster.ScriptFixedPrefix {
					require.NoDirExists(t, prefix)
					prefix = filepath.Join(root, "opt")
				}
				require.Empty(t, mismatches(t, filepath.Join(prefix, made)))
				if kind == cluster.ScriptSilent {
					require.Empty(t, out)
				}
			})
		}
	}
}

// withApplets makes a folder with all that busybox has, and nothing else.
func withApplets(t *testing.T, bin string) {
	t.Helper()
	busybox, err := exec.LookPath("busybox")
	require.NoError(t, err)
	list, err := exec.Command(busybox, "--list").Output()
	require.NoError(t, err)
	for name := range strings.FieldsSeq(string(list)) {
		require.NoError(t, os.Symlink(busybox, filepath.Join(bin, name)))
	}
}

func TestAScriptForAnotherMachine(t *testing.T) {
	e := start(t).AddEnvironment()
	e.SetFault(cluster.Fault{Kind: cluster.ScriptAsksMachine})
	res, body := get(t, e, "/unix/paas-sh/latest?include=go&arch="+string(agent.ArchS390))
	require.Equal(t, 200, res.StatusCode)
	script := filepath.Join(t.TempDir(), "installer.sh")
	require.NoError(t, os.WriteFile(script, body, 0o600))
	out, code := shellRun{shell: "sh", prefix: t.TempDir()}.run(t.Context(), t, script)
	require.Equal(t, 1, code)
	require.Contains(t, out, "This installer is for s390x, and uname -m says ")
}

func TestAScriptWritesOutside(t *testing.T) {
	e := start(t).AddEnvironment()
	root := t.TempDir()
	places := []string{"etc", "usr", "run", "tmp", "opt"}
	for _, dir := range places {
		require.NoError(t, os.Mkdir(filepath.Join(root, dir), 0o755))
	}
	r := shellRun{shell: "sh", prefix: filepath.Join(root, "prefix"), env: []string{"STAND_IN_ROOT=" + root}}
	out, code := r.run(t.Context(), t, faulty(t, e, cluster.FaultOutside).Path)
	require.Zero(t, code, out)
	for _, dir := range append(places, "prefix", "prefix/dynatrace", ".") {
		require.FileExists(t, filepath.Join(root, dir, cluster.Outside))
	}
}

// TestAScriptWantsRoot as whom it asks id.
func TestAScriptWantsRoot(t *testing.T) {
	e := start(t).AddEnvironment()
	script := faulty(t, e, cluster.FaultWantsRoot).Path
	for id, want := range map[string]int{"0": 0, "65534": 1} {
		bin := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(bin, "id"), []byte("#!/bin/sh\necho "+id+"\n"), 0o700))
		out, code := shellRun{shell: "sh", prefix: t.TempDir(), env: []string{"PATH=" + bin + ":" + os.Getenv("PATH")}}.run(t.Context(), t, script)
		require.Equal(t, want, code, out)
		require.Equal(t, want == 1, strings.Contains(out, "must be run as root"))
	}
}

func TestAScriptHangs(t *testing.T) {
	e := start(t).AddEnvironment()
	script := faulty(t, e, cluster.FaultHangs).Path
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	out, code := shellRun{shell: "sh", prefix: t.TempDir()}.run(ctx, t, script)
	require.Equal(t, -1, code, "it was killed")
	require.Empty(t, out)
}

// TestAScriptFillsTheDisk until it is stopped; here that is soon.
func TestAScriptFillsTheDisk(t *testing.T) {
	e := start(t).AddEnvironment()
	script, prefix := faulty(t, e, cluster.FaultFillsDisk).Path, t.TempDir()
	cmd := exec.Command("sh", script, prefix)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, cmd.Start())
	defer func() { _ = cmd.Wait() }()
	defer func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }()
	require.Eventually(t, func() bool {
		var size int64
		_ = filepath.WalkDir(prefix, func(_ string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				if info, err := d.Info(); err == nil {
					size += info.Size()
				}
			}
			return nil
		})
		return size > 64<<20
	}, 30*time.Second, 20*time.Millisecond)
}

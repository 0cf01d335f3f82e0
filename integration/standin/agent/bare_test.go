package agent_test

import (
	"debug/elf"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A container may have no /proc: then the C library, whichever it is, is asked
// for the environment and the program's name.
func TestNoProc(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("changing the root needs root")
	}
	src := filepath.Join(t.TempDir(), "app.c")
	require.NoError(t, os.WriteFile(src, []byte("#include <stdio.h>\nint main(void){puts(\"app\");return 0;}\n"), 0o644))
	for _, cc := range []string{"gcc", "musl-gcc"} {
		t.Run(cc, func(t *testing.T) {
			root := t.TempDir()
			app := filepath.Join(root, "bareapp")
			out, err := exec.Command(cc, "-o", app, src).CombinedOutput()
			require.NoError(t, err, "%s", out)
			copyLibraries(t, root, app)
			copyFile(t, library(t), filepath.Join(root, "agent.so"))

			url, requests := endpoint(t)
			cmd := exec.Command("/bareapp")
			cmd.Env = []string{"LD_PRELOAD=/agent.so", "DT_TENANT=abc", "DT_TENANTTOKEN=xyz", "DT_CONNECTION_POINT=" + url}
			cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root}
			cmd.Dir = "/"
			printed, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", printed)
			require.Equal(t, "app\n", string(printed))
			require.Len(t, requests, 2)
			require.Equal(t, "abc", (<-requests).tenant)
			require.Equal(t, "bareapp", (<-requests).fields[1])
		})
	}
}

// copyLibraries copies a program's loader, and the libraries that ldd names.
func copyLibraries(t *testing.T, root, app string) {
	t.Helper()
	f, err := elf.Open(app)
	require.NoError(t, err)
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			name, err := io.ReadAll(p.Open())
			require.NoError(t, err)
			loader := string(name[:len(name)-1])
			copyFile(t, loader, filepath.Join(root, loader))
		}
	}
	out, err := exec.Command("ldd", app).CombinedOutput()
	if err != nil {
		return // musl's loader is the library
	}
	for _, m := range regexp.MustCompile(`=> (/\S+)`).FindAllStringSubmatch(string(out), -1) {
		copyFile(t, m[1], filepath.Join(root, m[1]))
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o755))
	require.NoError(t, os.WriteFile(to, data, 0o755))
}

package installer

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/untrusted/foreign"
	"github.com/stretchr/testify/require"
)

// both runs a test with each way to run an installer.
func both(t *testing.T, test func(t *testing.T, install func(script string) (string, error))) {
	t.Helper()
	t.Run("in a build", func(t *testing.T) {
		test(t, func(script string) (string, error) { return install(t, script) })
	})
	t.Run("in a container", func(t *testing.T) {
		test(t, func(script string) (string, error) { return installAsSelf(t.Context(), t, script) })
	})
}

// TestTooMuchIsRefused while the installer writes: these never end, but for the
// last ones, and none writes what it would.
func TestTooMuchIsRefused(t *testing.T) {
	// Disks take minutes.
	if st, err := os.Stat("/dev/shm"); err == nil && st.IsDir() {
		t.Setenv("TMPDIR", "/dev/shm")
	}
	for name, tt := range map[string]struct{ script, want string }{
		"10 million files":   {`cd "$1"; i=0; while :; do : > f$i; i=$((i+1)); done`, "more than 100000 files"},
		"in another session": {`cd "$1"; setsid sh -c 'i=0; while :; do : > f$i; i=$((i+1)); done' & sleep 600`, "more than 100000 files"},
		"many large":         {`cd "$TMPDIR"; for i in 1 2 3 4 5; do dd if=/dev/null of=f$i bs=1M seek=1024; done 2>/dev/null; sleep 600`, "more than 4294967296 bytes"},
		"deep":               {`cd "$1"; while mkdir d && cd d; do :; done; sleep 600`, "more than 64 levels"},
		"deep, at once":      {makesAgent + `cd "$1"; mkdir -p d` + strings.Repeat("/d", 100), "more than 64 levels"},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, install func(string) (string, error)) {
				prefix, err := install(tt.script)
				var refused *foreign.Error
				require.ErrorAs(t, err, &refused)
				require.ErrorContains(t, err, tt.want)
				files := 0
				require.NoError(t, filepath.WalkDir(filepath.Dir(prefix), func(string, fs.DirEntry, error) error {
					files++
					return nil
				}))
				require.Less(t, files, 20*foreign.MaxEntries)
			})
		})
	}
}

func TestNoFileIsTooLarge(t *testing.T) {
	both(t, func(t *testing.T, install func(string) (string, error)) {
		prefix, err := install(makesAgent + `dd if=/dev/zero of="$1/dynatrace/oneagent/x" bs=1M seek=8388608 count=1`)
		require.Error(t, err)
		if st, err := os.Stat(filepath.Join(prefix, "dynatrace/oneagent/x")); err == nil {
			require.Zero(t, st.Size())
		}
	})
}

func TestHardLinksElsewhereAreRefused(t *testing.T) {
	// Of a file that is not the installer's.
	script := makesAgent + `ln "$0" "$1/dynatrace/oneagent/x" || { cp "$0" "$1/../y" && ln "$1/../y" "$1/dynatrace/oneagent/x"; }`
	_, err := installAsSelf(t.Context(), t, script)
	require.ErrorContains(t, err, "dynatrace/oneagent/x of what the installer left is a hard link to a file elsewhere")
	_, err = installAsSelf(t.Context(), t, makesAgent+`cd "$1/dynatrace/oneagent"; echo x > a; ln a b`)
	require.NoError(t, err)
}

func TestLimits(t *testing.T) {
	both(t, func(t *testing.T, install func(string) (string, error)) {
		prefix, err := install(makesAgent + `cat /proc/self/limits > "$1/dynatrace/oneagent/limits"`)
		require.NoError(t, err)
		b, err := os.ReadFile(filepath.Join(prefix, "dynatrace/oneagent/limits"))
		require.NoError(t, err)
		hard := map[string]string{}
		for line := range strings.Lines(string(b)) {
			if f := strings.Fields(line[min(len(line), 26):]); len(f) > 1 {
				hard[strings.TrimSpace(line[:26])] = f[1]
			}
		}
		require.Equal(t, "4294967296", hard["Max file size"])
		require.Equal(t, "0", hard["Max core file size"])
		require.Equal(t, "1024", hard["Max open files"])
		if strings.HasSuffix(t.Name(), "build") {
			require.Equal(t, "4096", hard["Max processes"])
		}
	})
}

package foreign

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// open returns a new folder.
func open(t testing.TB) (string, *os.Root) {
	t.Helper()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, root.Close()) })
	return dir, root
}

func write(t testing.TB, name, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
}

func TestCheckSymlink(t *testing.T) {
	t.Parallel()
	const home = "/opt/x"
	for name, tt := range map[string]struct {
		links map[string]string
		want  string // of the one called "link"
	}{
		"beside":              {map[string]string{"link": "d"}, ""},
		"up and down":         {map[string]string{"d/link": "../e/f"}, ""},
		"itself":              {map[string]string{"link": "."}, ""},
		"the root":            {map[string]string{"d/link": ".."}, ""},
		"nowhere":             {map[string]string{"link": "no/such"}, ""},
		"of the place":        {map[string]string{"d/link": home + "/d/../e"}, ""},
		"the place":           {map[string]string{"link": home}, ""},
		"up":                  {map[string]string{"link": ".."}, "leads out"},
		"up and down again":   {map[string]string{"link": "../../opt/x"}, "leads out"},
		"up by what is not":   {map[string]string{"link": "no/../.."}, "leads out"},
		"absolute":            {map[string]string{"link": "/etc"}, "leads out"},
		"another place":       {map[string]string{"link": home + "y"}, "leads out"},
		"out of the place":    {map[string]string{"link": home + "/../y"}, "leads out"},
		"by another":          {map[string]string{"d/e/up": "..", "link": "d/e/up/../.."}, "leads out"},
		"by a third":          {map[string]string{"d/e/up": "../..", "d/e/down": "up/d", "link": "d/e/down/../../d"}, "leads out"},
		"by what may come":    {map[string]string{"d/e/up": "../..", "link": "d/e/up/no/../../d"}, "leads out"},
		"by one of the place": {map[string]string{"d/abs": home, "link": "d/abs/../d"}, "leads out"},
		"by another, inside":  {map[string]string{"d/e/up": "..", "link": "d/e/up/../d"}, ""},
		"to itself":           {map[string]string{"link": "link"}, "leads in circles"},
		"in a circle":         {map[string]string{"link": "b", "b": "c", "c": "link"}, "leads in circles"},
		"in a growing circle": {map[string]string{"link": "link/link/link/link"}, "leads in circles"},
		"by an odd name":      {map[string]string{"link": "/a\nb"}, "symlink link leads out"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, root := open(t)
			require.NoError(t, os.MkdirAll(filepath.Join(dir, "d/e"), 0o755))
			var link string
			for from, to := range tt.links {
				require.NoError(t, os.Symlink(to, filepath.Join(dir, from)))
				if filepath.Base(from) == "link" {
					link = from
				}
			}
			err := CheckSymlink(root, link, home)
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestCheckSymlinkWithoutAPlace(t *testing.T) {
	t.Parallel()
	dir, root := open(t)
	require.NoError(t, os.Symlink("/opt/x", filepath.Join(dir, "link")))
	require.ErrorContains(t, CheckSymlink(root, "link", ""), "leads out")
}

func TestMeasure(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		make func(dir string)
		want string
	}{
		"an agent's": {func(dir string) { write(t, filepath.Join(dir, "a/b/c"), "content") }, ""},
		"large": {func(dir string) {
			for i := range 5 { // which take up nothing
				write(t, filepath.Join(dir, fmt.Sprint(i)), "")
				require.NoError(t, os.Truncate(filepath.Join(dir, fmt.Sprint(i)), 1<<30))
			}
		}, "more than 4294967296 bytes"},
		"8 TB": {func(dir string) {
			write(t, filepath.Join(dir, "x"), "")
			require.NoError(t, os.Truncate(filepath.Join(dir, "x"), 8<<40))
		}, "more than 4294967296 bytes"},
		"deep": {func(dir string) { write(t, filepath.Join(dir, strings.Repeat("d/", MaxDepth)+"f"), "") }, "more than 64 levels"},
		"long": {func(dir string) {
			write(t, filepath.Join(dir, strings.Repeat(strings.Repeat("d", 250)+"/", 5)+"f"), "")
		}, "more than 1024 bytes"},
		"not there": {func(dir string) { require.NoError(t, os.Remove(dir)) }, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, root := open(t)
			tt.make(dir)
			for _, err := range []error{measure(t.Context(), root), Judge(t.Context(), root)} {
				if tt.want == "" {
					require.NoError(t, err)
					continue
				}
				require.ErrorContains(t, err, tt.want)
			}
		})
	}
}

// measure is for what trees are refused for.
func measure(ctx context.Context, roots ...*os.Root) error {
	_, err := Measure(ctx, roots...)
	return err
}

// TestMeasureCountsAll trees together.
func TestMeasureCountsAll(t *testing.T) {
	t.Parallel()
	dir, root := open(t)
	file := filepath.Join(dir, "0")
	write(t, file, "")
	for i := 1; i < MaxEntries/2+1; i++ {
		require.NoError(t, os.Link(file, filepath.Join(dir, fmt.Sprint(i))))
		if i%30_000 == 0 { // a file system bounds the names of one
			file = filepath.Join(dir, fmt.Sprint(i, "x"))
			write(t, file, "")
		}
	}
	require.NoError(t, measure(t.Context(), root))
	var own *Error
	require.ErrorAs(t, measure(t.Context(), root, root), &own)
	require.EqualError(t, own, "the installer left more than 100000 files; no agent has as many")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, measure(ctx, root), context.Canceled)
}

func TestJudgeRefusesHardLinksElsewhere(t *testing.T) {
	t.Parallel()
	dir, root := open(t)
	other, otherRoot := open(t)
	write(t, filepath.Join(dir, "a/b"), "")
	require.NoError(t, os.Link(filepath.Join(dir, "a/b"), filepath.Join(dir, "c")))
	require.NoError(t, Judge(t.Context(), root))
	require.NoError(t, os.Link(filepath.Join(dir, "c"), filepath.Join(other, "d")))
	require.ErrorContains(t, Judge(t.Context(), root), "is a hard link to a file elsewhere")
	require.NoError(t, Judge(t.Context(), root, otherRoot))
	require.NoError(t, measure(t.Context(), root))
}

func TestTree(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		make func(name string) error
		want string
	}{
		"file":    {func(name string) error { return os.WriteFile(name, nil, 0o600) }, ""},
		"folder":  {func(name string) error { return os.Mkdir(name, 0o700) }, ""},
		"symlink": {func(name string) error { return os.Symlink("y", name) }, ""},
		"out":     {func(name string) error { return os.Symlink("..", name) }, "symlink x leads out"},
		"pipe":    {func(name string) error { return syscall.Mkfifo(name, 0o600) }, "x of the agent is a pipe"},
		"socket": {func(name string) error {
			fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
			require.NoError(t, err)
			defer syscall.Close(fd)
			return syscall.Bind(fd, &syscall.SockaddrUnix{Name: name})
		}, "x of the agent is a socket"},
		"setuid": {modeOf(0o755 | fs.ModeSetuid), "x of the agent is a setuid file"},
		"setgid": {modeOf(0o755 | fs.ModeSetgid), "x of the agent is a setgid file"},
		"sticky": {modeOf(0o644 | fs.ModeSticky), "x of the agent is a sticky file"},
		"large":  {func(name string) error { return sparse(name, MaxBytes+1) }, "more than 4294967296 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, root := open(t)
			require.NoError(t, tt.make(filepath.Join(dir, "x")))
			st, err := root.Lstat("x")
			require.NoError(t, err)
			err = NewTree(root, "").Check("x", st)
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			var own *Error
			require.ErrorAs(t, err, &own)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func modeOf(mode fs.FileMode) func(string) error {
	return func(name string) error {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			return err
		}
		return os.Chmod(name, mode)
	}
}

func sparse(name string, size int64) error {
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		return err
	}
	return os.Truncate(name, size)
}

func TestTreeRefusesDevices(t *testing.T) {
	t.Parallel()
	_, root := open(t)
	st, err := os.Lstat(os.DevNull)
	require.NoError(t, err)
	require.ErrorContains(t, NewTree(root, "").Check("x", st), "x of the agent is a device")
}

// TestTreeCounts what it is shown.
func TestTreeCounts(t *testing.T) {
	t.Parallel()
	dir, root := open(t)
	require.NoError(t, sparse(filepath.Join(dir, "x"), MaxBytes/2))
	st, err := root.Lstat("x")
	require.NoError(t, err)
	tree := NewTree(root, "")
	require.NoError(t, tree.Check("x", st))
	require.NoError(t, tree.Check("y", st))
	require.ErrorContains(t, tree.Check("z", st), "more than 4294967296 bytes")

	tree = NewTree(root, "")
	st, err = root.Lstat(".")
	require.NoError(t, err)
	for range MaxEntries {
		require.NoError(t, tree.Check("d", st))
	}
	require.ErrorContains(t, tree.Check("d", st), "more than 100000 files")
	require.ErrorContains(t, NewTree(root, "").Check(strings.Repeat("d/", MaxDepth), st), "64 levels")
	require.ErrorContains(t, NewTree(root, "").Check(strings.Repeat("d", MaxPath+1), st), "1024 bytes")
}

func TestNamesAreOfOneLine(t *testing.T) {
	t.Parallel()
	require.Equal(t, "agent/lib.so", shown("agent/lib.so"))
	require.Equal(t, `"a\nb"`, shown("a\nb"))
	require.Less(t, len(shown(strings.Repeat("x", 1000))), 300)
}

// Who reads a folder again sees that a file in it was changed, if only its mode.
func TestMeasureSeesChanges(t *testing.T) {
	t.Parallel()
	dir, root := open(t)
	write(t, filepath.Join(dir, "a/b"), strings.Repeat("x", 10_000))
	before, err := Measure(t.Context(), root)
	require.NoError(t, err)
	require.Equal(t, 2, before.Entries)
	require.GreaterOrEqual(t, before.Bytes, int64(10_000))
	// The clock of a file system may be a coarse one.
	require.Eventually(t, func() bool {
		after := before
		if os.Chmod(filepath.Join(dir, "a/b"), 0o400) == nil {
			after, err = Measure(t.Context(), root)
		}
		return err == nil && after.Bytes == before.Bytes && after.Changed.Nano() > before.Changed.Nano()
	}, 10*time.Second, time.Millisecond)
}

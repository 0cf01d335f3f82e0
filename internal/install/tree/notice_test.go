package tree

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/stretchr/testify/require"
)

// TestClean_RemovesEachLeftover, with a directory that holds nothing else, and
// keeps what lies next to it.
func TestClean_RemovesEachLeftover(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"agent/conf/declarative.cbor", "agent/config/agent.state", "agent/config/container.conf", "agent/config/declarative.cbor",
		"agent/config/ruxitagentproc.conf", "agent/customkeys/curl_options.conf", "agent/customkeys/custom-proxy.pem",
		"agent/customkeys/custom.pem", "agent/customkeys/custom_proxy.pem", "log/x/y.log", "datastorage/z",
	} {
		s := newSample(t)
		s.write(t, name, "text", 0o644)
		_, err := s.clean(t)
		require.NoError(t, err, name)
		require.NoFileExists(t, filepath.Join(s.dir, name))
		if dir := filepath.Dir(name); dir != "agent/conf" && dir != "datastorage" {
			require.NoDirExists(t, filepath.Join(s.dir, dir))
		}
	}
	s := newSample(t)
	s.write(t, "agent/customkeys/own.txt", "text", 0o644)
	_, err := s.clean(t)
	require.NoError(t, err)
	require.Equal(t, "text", s.read(t, "agent/customkeys/own.txt"))
	require.NoFileExists(t, filepath.Join(s.dir, "agent/customkeys/custom.pem"))
}

// TestClean_LooksAtAllOfALargeFile: files are read in blocks of a megabyte.
func TestClean_LooksAtAllOfALargeFile(t *testing.T) {
	t.Parallel()
	const block = 1 << 20
	for _, at := range []int{0, block - 40, block - 9, block, 2*block - 1, 3*block + 89} {
		s := newSample(t)
		s.write(t, "agent/big", strings.Repeat(".", at)+s.token, 0o644)
		_, err := s.clean(t)
		require.ErrorContains(t, err, "agent/big (tenant token, plain)", at)
	}
	s := newSample(t)
	s.write(t, "agent/big", strings.Repeat(".", 2*block), 0o644)
	in, err := s.clean(t)
	require.NoError(t, err)
	count, size := 0, int64(0)
	require.NoError(t, filepath.WalkDir(s.dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			st, err := d.Info()
			require.NoError(t, err)
			count, size = count+1, size+st.Size()
		}
		return err
	}))
	require.Equal(t, count, in.Files)
	require.Equal(t, size, in.Bytes)
}

// TestClean_DescribesTheAgent as it is asked for.
func TestClean_DescribesTheAgent(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	in, err := s.clean(t)
	require.NoError(t, err)
	require.Regexp(t, `^sha256:[0-9a-f]{64}$`, in.DiffID)
	in.DiffID, in.Files, in.Bytes = "", 0, 0
	require.Equal(t, &agent.Installed{
		Version: testVersion, Flavor: "default", Arch: "x86", Technologies: []string{"java"}, Preload: "/opt/dynatrace/oneagent/agent/lib64/liboneagentproc.so",
	}, in)
}

// TestClean_ReportsAllLeaks up to a bound, and no value.
func TestClean_ReportsAllLeaks(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	for i := range 30 {
		s.write(t, "agent/x/"+strings.Repeat("a", i+1), s.token, 0o644)
	}
	_, err := s.clean(t)
	var leak *LeakError
	require.ErrorAs(t, err, &leak)
	require.Len(t, leak.Values, 20)
	require.ErrorContains(t, err, "agent/x/a (tenant token, plain); agent/x/aa (tenant token, plain); ")
	require.ErrorContains(t, err, "). No image was made. Pin another version of OneAgent")
}

// TestClean_RefusesTooManyValues, counted together with the environment's.
func TestClean_RefusesTooManyValues(t *testing.T) {
	t.Parallel()
	values := make([]scan.Value, 5001)
	for i := range values {
		values[i] = scan.Value{Kind: "x", Value: strings.Repeat("v", 8)}
	}
	_, err := newSample(t).clean(t, values...)
	require.ErrorContains(t, err, "no environment has as many")
}

func TestEmpty_LeavesNothing(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	root, err := os.OpenRoot(s.dir)
	require.NoError(t, err)
	defer root.Close()
	require.NoError(t, Empty(root))
	entries, err := os.ReadDir(s.dir)
	require.NoError(t, err)
	require.Empty(t, entries)
}

// TestPrune_RefusesWhatIsNotADirectory.
func TestPrune_RefusesWhatIsNotADirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "dynatrace"), 0o755))
	require.NoError(t, os.Symlink("/etc", filepath.Join(dir, "dynatrace/oneagent")))
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	require.ErrorContains(t, Prune(root), "left no")
	_, err = os.Lstat(filepath.Join(dir, "dynatrace/oneagent"))
	require.NoError(t, err)
}

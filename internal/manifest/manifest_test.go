package manifest

import (
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// read reads a manifest with that text.
func read(t *testing.T, text string) (*Manifest, error) {
	t.Helper()
	dir := t.TempDir()
	if text != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, File), []byte(text), 0o600))
	}
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, root.Close()) })
	m, _, err := Read(root)
	return m, err
}

// sample is of the form in the vendor's own tests, with entries of former and
// of later times.
const sample = `{"technologies":{
	"process":{"linux-x86-64":[{"path":"agent/conf/x"},{"path":"./agent/lib64/liboneagentproc.so","binarytype":"primary","md5":"900150983CD24FB0D6963F7D28E17F72"}]},
	"nginx":{"linux-x86-64":[{"path":"agent/bin/n.so","md5":"d41d8cd98f00b204e9800998ecf8427e"}]},
	"java":{}},
	"version":"1.105.147.20160930-153457","tenantUUID":"tenant"}`

func TestRead(t *testing.T) {
	t.Parallel()
	m, err := read(t, sample)
	require.NoError(t, err)
	require.Equal(t, "1.105.147.20160930-153457", m.Version)
	require.Equal(t, []string{"java", "nginx"}, m.Monitors())
	require.Equal(t, "agent/lib64/liboneagentproc.so", m.Preload())
	require.Len(t, m.Entries(), 3)

	m, err = read(t, `{"version":"1"}`)
	require.NoError(t, err)
	require.Equal(t, agent.PreloadLibrary, m.Preload())
	require.Empty(t, m.Checksums())

	for text, want := range map[string]string{"": "left no manifest.json", "{": "no valid JSON", "{}": "names no version"} {
		_, err := read(t, text)
		require.ErrorContains(t, err, want)
	}
}

// TestReadRefusesALibrary that the loader would take for another, or several.
func TestReadRefusesALibrary(t *testing.T) {
	t.Parallel()
	for _, lib := range []string{"/lib/x.so", "../x.so", "a/../../x.so", "a b.so", "a:b.so", "$LIB/x.so", `a\nb.so`} {
		_, err := read(t, `{"version":"1","technologies":{"process":{"linux-x86-64":[{"path":"`+lib+`","binarytype":"primary"}]}}}`)
		require.ErrorContains(t, err, "names a preload library that cannot be used", lib)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(`{"version":"1","technologies":{"process":null}}`))
	f.Fuzz(func(t *testing.T, dt []byte) {
		m, err := parse(dt)
		if err != nil {
			return
		}
		require.True(t, filepath.IsLocal(m.Preload()))
		require.NotContains(t, m.Monitors(), processTechnology)
		sums := m.Checksums()
		require.LessOrEqual(t, len(sums), len(m.Entries()))
		for name, sum := range sums {
			require.Equal(t, path.Clean(name), name)
			require.NotEmpty(t, sum)
		}
	})
}

func TestChecksums(t *testing.T) {
	t.Parallel()
	m, err := read(t, sample)
	require.NoError(t, err)
	sums := m.Checksums()
	sum := NewHash()
	sum.Write([]byte("abc"))
	require.NoError(t, sums.Check("agent/lib64/liboneagentproc.so", sum))
	require.ErrorContains(t, sums.Check("agent/bin/n.so", sum), "agent/bin/n.so of the agent is not what its manifest.json says")
	require.NoError(t, sums.Check("unknown", sum))
	delete(sums, "agent/lib64/liboneagentproc.so")
	require.ErrorContains(t, sums.Missing(), "the agent lacks agent/bin/n.so")
	delete(sums, "agent/bin/n.so")
	require.NoError(t, sums.Missing())
}

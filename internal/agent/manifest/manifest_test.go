package manifest

import (
	"crypto/rand"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// read reads a manifest with that text, and with other files, each as name=text,
// next to it.
func read(t *testing.T, text string, others ...string) (*Manifest, error) {
	t.Helper()
	dir := t.TempDir()
	for _, other := range others {
		name, content, _ := strings.Cut(other, "=")
		require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
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

	for text, want := range map[string]string{"": "left no manifest.json", "{": "not valid JSON", "{}": "the agent has no version"} {
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
		m, err := read(t, string(dt))
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
			require.False(t, IsCustomised(name))
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

// TestRead_FindsTheVersion: the manifests of the vendor's npm packages have none,
// and installer.version has no newline.
func TestRead_FindsTheVersion(t *testing.T) {
	t.Parallel()
	const file, version = VersionFile + "=", "1.307.59.20250224-192604"
	for _, tt := range []struct {
		text, file, want string
	}{
		{`{"technologies":{}}`, file + version, version},
		{`{"technologies":{}}`, file + version + "\r\n", version},
		{`{"version":"` + version + `"}`, file + version, version},
		{`{"version":"` + version + `"}`, file, version},
		{`{"version":"` + version + `"}`, "other=", version},
	} {
		m, err := read(t, tt.text, tt.file)
		require.NoError(t, err)
		require.Equal(t, tt.want, m.Version)
	}
	other := rand.Text()
	for _, tt := range []struct{ text, file, want string }{
		{`{"version":"` + version + `"}`, file + other, "name different versions"},
		{`{"technologies":{}}`, file + " \n", "the agent has no version: neither its manifest.json nor its agent/installer.version names one"},
		{`{"technologies":{}}`, file + strings.Repeat("1", maxVersionFile+1), "has more than 1024 bytes"},
	} {
		_, err := read(t, tt.text, tt.file)
		require.ErrorContains(t, err, tt.want)
		require.NotContains(t, err.Error(), other)
	}
}

// TestPreload_IsForGlibc: of several libraries the one for musl came first, and
// an app that runs on glibc ended with 127.
func TestPreload_IsForGlibc(t *testing.T) {
	t.Parallel()
	entry := func(platform, file string) string {
		return `"` + platform + `":[{"path":"x"},{"path":"` + file + `","binarytype":"primary"}]`
	}
	both := `{"version":"1","technologies":{"process":{` + entry("linux-musl-x86-64", "agent/musl.so") + "," +
		entry("linux-x86-32", "agent/lib/32.so") + "," + entry("linux-x86-64", "agent/64.so") + `}}}`
	one := func(platform string) string {
		return `{"version":"1","technologies":{"process":{` + entry("linux-x86-32", "agent/lib/32.so") + "," + entry(platform, "agent/x.so") + `}}}`
	}
	for _, tt := range []struct {
		text   string
		others []string
		want   string
	}{
		{both, nil, "agent/64.so"},
		{both, []string{agent.PreloadLibrary + "="}, agent.PreloadLibrary},
		{one("linux-musl-x86-64"), nil, "agent/x.so"},
		{one("linux-aarch64"), nil, "agent/x.so"},
		{one("linux-s390x"), nil, "agent/x.so"},
		// An agent for Node.js alone has no group for processes.
		{`{"version":"1","technologies":{"nodejs":{` + entry("linux-x86-64", "agent/bin/1/x.node") + `}}}`, nil, agent.PreloadLibrary},
	} {
		m, err := read(t, tt.text, tt.others...)
		require.NoError(t, err)
		require.Equal(t, tt.want, m.Preload())
	}
}

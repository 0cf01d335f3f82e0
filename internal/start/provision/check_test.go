package provision

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

const realVersion = "1.305.152.20241113-104505"

// realTree is an agent in the forms that the vendor's have: its manifest has no
// version and no group for processes, and lists the templates of some files.
func realTree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	lib := make([]byte, 64)
	copy(lib, "\x7fELF\x02\x01\x01")
	binary.LittleEndian.PutUint16(lib[16:], 3)  // ET_DYN
	binary.LittleEndian.PutUint16(lib[18:], 62) // EM_X86_64
	binary.LittleEndian.PutUint32(lib[20:], 1)
	binary.LittleEndian.PutUint16(lib[52:], 64)
	binary.LittleEndian.PutUint16(lib[54:], 56)
	var entries []map[string]string
	for name, text := range map[string]string{
		agent.PreloadLibrary: string(lib), "agent/installer.version": realVersion,
		"agent/bin/" + realVersion + "/linux-x86-64/x.node": "x", "log/ignore_me.txt": "x", "log/nodejs/x": "x",
		"agent/conf/ruxitagentproc.conf": "conf", "dynatrace-env.sh": "env", "dynatrace-agent64.sh": "wrapper",
	} {
		writeTo(t, dir, name, text)
		sum := md5.Sum([]byte(text))
		entries = append(entries, map[string]string{"path": name, "md5": hex.EncodeToString(sum[:])})
	}
	dt, err := json.Marshal(map[string]any{"technologies": map[string]any{"nodejs": map[string]any{"linux-x86-64": entries}}})
	require.NoError(t, err)
	writeTo(t, dir, "manifest.json", string(dt))
	return dir
}

func writeTo(t *testing.T, dir, name, text string) {
	t.Helper()
	p := filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(p), 0o755))
	require.NoError(t, os.WriteFile(p, []byte(text), 0o600))
}

// TestCheck_TakesARealTree: a cluster fills its addresses into files, so that
// these have another MD5 than the manifest says. All others are compared.
func TestCheck_TakesARealTree(t *testing.T) {
	t.Parallel()
	checkTree := func(dir string) (*marker, error) {
		root, err := os.OpenRoot(dir)
		require.NoError(t, err)
		defer root.Close()
		return check(t.Context(), root, Order{Version: realVersion, Spec: agent.Spec{Arch: agent.ArchX86, Flavor: agent.FlavorDefault}}, false)
	}
	dir := realTree(t)
	writeTo(t, dir, "agent/conf/ruxitagentproc.conf", "conf\ntenant abc12345\n")
	writeTo(t, dir, "dynatrace-env.sh", "DT_TENANT=${DT_TENANT:-abc12345}\n")
	writeTo(t, dir, "dynatrace-agent64.sh", "other")
	m, err := checkTree(dir)
	require.NoError(t, err)
	require.Equal(t, realVersion, m.Version)
	require.Equal(t, agent.PreloadLibrary, m.Preload)
	// The app may be any user.
	for _, name := range []string{"log", "log/nodejs", "datastorage"} {
		st, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, fs.ModeDir|fs.ModeSticky|0o777, st.Mode(), name)
	}

	for _, name := range []string{"log/ignore_me.txt", "agent/bin/" + realVersion + "/linux-x86-64/x.node", "agent/installer.version"} {
		dir := realTree(t)
		writeTo(t, dir, name, realVersion+"\n")
		_, err := checkTree(dir)
		require.ErrorContains(t, err, name+" of the agent is not what its manifest.json says")
	}
}

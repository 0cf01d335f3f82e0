package tree

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestCleanRemovesEveryKnownLink(t *testing.T) {
	s := newSample(t)
	in, err := s.clean(t)
	require.NoError(t, err)
	require.Equal(t, testVersion, in.Version)
	require.Equal(t, []string{"java"}, in.Technologies)
	require.Equal(t, "/opt/dynatrace/oneagent/agent/lib64/liboneagentproc.so", in.Preload)

	require.NoError(t, filepath.WalkDir(s.dir, func(p string, d os.DirEntry, err error) error {
		require.NoError(t, err)
		if d.Type().IsRegular() {
			dt, err := os.ReadFile(p)
			require.NoError(t, err)
			for _, v := range []string{s.tenant, s.token, s.host, s.zone} {
				require.NotContains(t, string(dt), v, p)
			}
		}
		return nil
	}))
	// Everything else stands as it stood, in its order.
	require.Equal(t, "# settings\n[general]\nstorage \"/var/x y\"\n\n[agentType]\njava on\n", s.read(t, "agent/conf/ruxitagentproc.conf"))
	require.Equal(t, "loglevelcon=info\n", s.read(t, "agent/conf/standalone.conf"))
	require.Equal(t, "#!/bin/sh\n:\n:\n:\n", s.read(t, "dynatrace-env.sh"), "dynatrace-agent64.sh sources it")
	for _, name := range []string{"log/process", "agent/customkeys/custom.pem", "agent/customkeys/curl_options.conf", "agent/config/container.conf"} {
		require.NoFileExists(t, filepath.Join(s.dir, name))
		require.NoDirExists(t, filepath.Join(s.dir, name))
	}
	var m map[string]any
	require.NoError(t, json.Unmarshal([]byte(s.read(t, "manifest.json")), &m))
	require.Len(t, m, 2, "version and technologies")
}

func TestCleanSwitchesToFIPSMode(t *testing.T) {
	for _, fips := range []bool{false, true} {
		s := newSample(t)
		s.fips = fips
		s.write(t, agent.FIPSDisabled, "", 0o644)
		s.manifest(t, []string{"agent/bin/x/tool", agent.FIPSDisabled})
		in, err := s.clean(t)
		require.NoError(t, err)
		require.Equal(t, fips, in.FIPS)
		_, err = os.Stat(filepath.Join(s.dir, agent.FIPSDisabled))
		require.Equal(t, fips, os.IsNotExist(err))
	}
}

func TestCleanNormalisesModes(t *testing.T) {
	s := newSample(t)
	require.NoError(t, os.Chmod(filepath.Join(s.dir, "agent/bin"), 0o700|os.ModeSetgid))
	_, err := s.clean(t)
	require.NoError(t, err)
	want := map[string]os.FileMode{
		".":                              0o755 | os.ModeDir,
		"agent/bin":                      0o755 | os.ModeDir,
		"agent/bin/x/tool":               0o755,
		"agent/lib64/liboneagentproc.so": 0o644,
		"manifest.json":                  0o644,
		"log":                            0o777 | os.ModeDir | os.ModeSticky,
		"datastorage":                    0o777 | os.ModeDir | os.ModeSticky,
	}
	for name, mode := range want {
		st, err := os.Lstat(filepath.Join(s.dir, name))
		require.NoError(t, err)
		require.Equal(t, mode, st.Mode(), name)
	}
}

// No scan looks into them.
func TestCleanRemovesAttributes(t *testing.T) {
	s := newSample(t)
	file := filepath.Join(s.dir, "agent/bin/x/tool")
	if err := unix.Setxattr(file, "user.note", []byte(s.token), 0); err != nil {
		t.Skipf("no extended attributes here: %v", err)
	}
	_, err := s.clean(t)
	require.NoError(t, err)
	n, err := unix.Listxattr(file, nil)
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestCleanIsRepeatable(t *testing.T) {
	a, b := newSample(t), newSample(t)
	inA, err := a.clean(t)
	require.NoError(t, err)
	time.Sleep(10 * time.Millisecond)
	inB, err := b.clean(t)
	require.NoError(t, err)
	// Two environments, other links: the clean agent is the same.
	require.Equal(t, inA.DiffID, inB.DiffID)
}

func TestCleanWantsTheVersionThatWasResolved(t *testing.T) {
	s := newSample(t)
	root, err := os.OpenRoot(s.dir)
	require.NoError(t, err)
	defer root.Close()
	_, err = Clean(t.Context(), root, Options{Spec: agent.Spec{Arch: agent.ArchX86, Flavor: agent.FlavorDefault}, Version: "1.306.1.20250101-000000"})
	require.ErrorContains(t, err, "1.306.1.20250101-000000 was asked for")
}

// A zip archive has no symlink that names the version. The agent of an image has
// it, whatever the installer was.
func TestCleanNamesTheCurrentVersion(t *testing.T) {
	s := newSample(t)
	link := filepath.Join(s.dir, "agent/bin/current")
	require.NoError(t, os.Remove(link))
	s.write(t, "agent/bin/"+testVersion+"/any/file", "text", 0o644)
	_, err := s.clean(t)
	require.NoError(t, err)
	target, err := os.Readlink(link)
	require.NoError(t, err)
	require.Equal(t, testVersion, target)
}

package cluster_test

import (
	"archive/zip"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/internal/agent"
)

func TestInstall(t *testing.T) {
	e := start(t).AddEnvironment()
	for _, tc := range []struct {
		spec      cluster.Spec
		libraries map[string]elf.Machine
		platforms []string
	}{
		{cluster.Spec{Bitness: "64"}, map[string]elf.Machine{"lib64": elf.EM_X86_64}, []string{"linux-x86-64"}},
		{cluster.Spec{Flavor: agent.FlavorMusl}, map[string]elf.Machine{"lib64": elf.EM_X86_64}, []string{"linux-musl-x86-64"}},
		{
			cluster.Spec{Flavor: agent.FlavorMultidistro},
			map[string]elf.Machine{"lib64": elf.EM_X86_64},
			[]string{"linux-musl-x86-64", "linux-x86-64"},
		},
		{
			cluster.Spec{Flavor: agent.FlavorMultidistro, Version: cluster.DefaultVersions[0]},
			map[string]elf.Machine{"lib64": elf.EM_X86_64, "libmusl64": elf.EM_X86_64},
			[]string{"linux-musl-x86-64", "linux-x86-64"},
		},
		{
			cluster.Spec{Bitness: "all"},
			map[string]elf.Machine{"lib64": elf.EM_X86_64, "lib": elf.EM_386},
			[]string{"linux-x86-32", "linux-x86-64"},
		},
		{cluster.Spec{Arch: agent.ArchARM}, map[string]elf.Machine{"lib64": elf.EM_AARCH64}, []string{"linux-arm-64"}},
	} {
		i, err := e.Installer(tc.spec)
		require.NoError(t, err)
		t.Run(string(i.Spec.Arch)+"-"+string(i.Spec.Flavor)+"-"+i.Spec.Version+"-"+i.Spec.Bitness, func(t *testing.T) {
			root := install(t, i)
			for dir, machine := range tc.libraries {
				f, err := elf.Open(filepath.Join(root, "agent", dir, "liboneagentproc.so"))
				require.NoError(t, err)
				require.Equal(t, machine, f.Machine)
				require.NoError(t, f.Close())
			}
			m := readManifest(t, root)
			require.Equal(t, i.Spec.Version, m.Version)
			require.Equal(t, e.ID(), m.TenantUUID)
			require.Equal(t, tc.platforms, slices.Sorted(maps.Keys(m.Technologies["process"])))
			require.Empty(t, m.Technologies["process"][tc.platforms[0]][0].BinaryType)
			for _, platform := range tc.platforms {
				require.Contains(t, tc.libraries, strings.Split(m.primary(t, platform), "/")[1])
			}
			last := tc.platforms[len(tc.platforms)-1]
			require.True(t, slices.ContainsFunc(m.Technologies["java"][last], func(f manifestFile) bool { return f.BinaryType == "loader" }))
			require.Equal(t, customised, allMismatches(t, root))

			files := contents(t, root)
			require.Contains(t, files["agent/bin/"+m.Version+"/marker"], e.Marker())
			require.Contains(t, files["agent/bin/current"], m.Version)
			require.Contains(t, files["agent/installer.version"], m.Version)
			for _, path := range []string{
				"dynatrace-env.sh", "dynatrace-agent64.sh", "agent/conf/ruxitagentproc.conf", "agent/dt_fips_disabled.flag",
				"log/ignore_me.txt", "datastorage/ignore_me.txt", "agent/conf/ruxitserver.pem", "agent/lib64/oneagentdumpproc",
			} {
				require.Contains(t, files, path)
			}
			_, err := elf.Open(filepath.Join(root, "agent/bin", m.Version, last, "liboneagentnginx.so"))
			require.NoError(t, err)
		})
	}
}

func TestInclude(t *testing.T) {
	e := start(t).AddEnvironment()
	i, err := e.Installer(cluster.Spec{Include: []string{"nginx", "java", "nginx"}})
	require.NoError(t, err)
	m := readManifest(t, install(t, i))
	require.Equal(t, []string{"java", "nginx", "process"}, slices.Sorted(maps.Keys(m.Technologies)))
}

// The product runs the script in a root file system of busybox's applets, as an
// ordinary user.
func TestInstallAsOrdinaryUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("changing the user needs root")
	}
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		t.Skip("no busybox")
	}
	i, err := start(t).AddEnvironment().Installer(cluster.Spec{})
	require.NoError(t, err)
	root := t.TempDir()
	for _, dir := range []string{"bin", "tmp"} {
		require.NoError(t, os.Mkdir(filepath.Join(root, dir), 0o755))
		require.NoError(t, os.Chmod(filepath.Join(root, dir), 0o777))
	}
	copyFile(t, busybox, filepath.Join(root, "bin/busybox"))
	copyFile(t, i.Path, filepath.Join(root, "installer.sh"))
	for _, applet := range []string{"sh", "tail", "gzip", "tar", "mkdir"} {
		require.NoError(t, os.Symlink("busybox", filepath.Join(root, "bin", applet)))
	}
	cmd := exec.Command("/bin/sh", "/installer.sh", "/tmp/prefix")
	cmd.Env = []string{"PATH=/bin"}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Chroot: root, Credential: &syscall.Credential{Uid: 65534, Gid: 65534}, Cloneflags: syscall.CLONE_NEWNET,
	}
	cmd.Dir = "/"
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, "Installing to /tmp/prefix\nUnpacking complete.\n", string(out))
	require.Empty(t, mismatches(t, filepath.Join(root, "tmp/prefix/dynatrace/oneagent")))
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(to, data, 0o755))
}

func TestScriptPrefix(t *testing.T) {
	i, err := start(t).AddEnvironment().Installer(cluster.Spec{})
	require.NoError(t, err)
	_, err = exec.LookPath("busybox")
	if err == nil {
		install(t, i, "busybox", "sh")
	}
	out, err := run(i.Path, "relative")
	require.Error(t, err)
	require.Contains(t, out, "must be absolute")
}

func TestZip(t *testing.T) {
	e := start(t).AddEnvironment()
	res, body := get(t, e, "/unix/paas/latest?flavor=musl&skipMetadata=true")
	require.Equal(t, http.StatusOK, res.StatusCode)
	r, err := zip.NewReader(strings.NewReader(string(body)), int64(len(body)))
	require.NoError(t, err)
	root := t.TempDir()
	require.NoError(t, os.CopyFS(root, r))
	require.Empty(t, mismatches(t, root))
	require.NotContains(t, contents(t, root), "agent/bin/current")
}

func TestDeterminism(t *testing.T) {
	s := start(t)
	e := s.AddEnvironment(cluster.WithFiller(20 << 20))
	spec := cluster.Spec{SkipMetadata: true, Include: []string{"java"}}
	i, err := e.Installer(spec)
	require.NoError(t, err)
	require.Greater(t, i.Size, int64(20<<20))

	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			res, body := get(t, e, "/unix/paas-sh/latest?include=java&skipMetadata=true&arch=x86&bitness=64")
			sum := sha256.Sum256(body)
			if got := hex.EncodeToString(sum[:]); res.StatusCode != http.StatusOK || got != i.SHA256 {
				t.Errorf("got %d, %s instead of %s", res.StatusCode, got, i.SHA256)
			}
		})
	}
	wg.Wait()
	require.Len(t, e.Installers(), 1, "made once")

	// Another environment's agent differs in the marker alone.
	other := s.AddEnvironment(cluster.WithFiller(20 << 20))
	o, err := other.Installer(spec)
	require.NoError(t, err)
	require.NotEqual(t, i.SHA256, o.SHA256)
	a, b := contents(t, install(t, i)), contents(t, install(t, o))
	delete(a, "manifest.json")
	delete(b, "manifest.json")
	var differ []string
	for path := range a {
		if a[path] != b[path] {
			differ = append(differ, path)
		}
	}
	require.Equal(t, []string{"agent/bin/" + cluster.DefaultTarget + "/marker"}, differ)
}

func TestConditionalAndRange(t *testing.T) {
	e := start(t).AddEnvironment()
	res, whole := get(t, e, "/unix/paas-sh/latest")
	etag := res.Header.Get("ETag")
	require.NotEmpty(t, etag)
	require.Empty(t, res.Header.Get("Content-Disposition"))
	res, _ = get(t, e, "/unix/paas-sh/latest", "If-None-Match", etag)
	require.Equal(t, http.StatusNotModified, res.StatusCode)
	res, part := get(t, e, "/unix/paas-sh/latest", "Range", "bytes=100-199")
	require.Equal(t, http.StatusPartialContent, res.StatusCode)
	require.Equal(t, whole[100:200], part)
}

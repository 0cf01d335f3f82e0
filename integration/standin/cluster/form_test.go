package cluster_test

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/standin/cluster"
)

// tree installs a version and returns its files and its manifest.
func tree(t *testing.T, e *cluster.Environment, spec cluster.Spec) (root string, files map[string]string, m manifest) {
	t.Helper()
	i, err := e.Installer(spec)
	require.NoError(t, err)
	root = install(t, i)
	return root, contents(t, root), readManifest(t, root)
}

// listings is how often a manifest has each path.
func (m manifest) listings() map[string]int {
	n := map[string]int{}
	for _, platforms := range m.Technologies {
		for _, files := range platforms {
			for _, f := range files {
				n[f.Path]++
			}
		}
	}
	return n
}

// What the vendor's trees have of late, and what older ones have not.
func TestFilesByVersion(t *testing.T) {
	e := start(t).AddEnvironment()
	bin := "agent/bin/" + cluster.DefaultTarget
	recent := []string{
		"agent/lib64/liboneagentproc.so.hmac", "agent/lib64/fips.so", "agent/lib64/fips4.so", "agent/lib64/fipsmodule.cnf",
		bin + "/linux-x86-64/fips.so", bin + "/linux-x86-64/oneagentnode_115.node.hmac", "agent/bin/linux-x86-64/fips1.so",
		"agent/authorizedkeys/autoupdate/cacert.pem",
	}
	always := []string{
		"agent/bin/any/loader.js", "agent/bin/linux-x86-64/oneagentnodeloader_115.node", "log/ignore_me.txt",
		"agent/conf/ruxitserverfull.pem", "agent/conf/runtime/default/nodejs/binary115_linux-x86-64", "agent/lib64/oneagentdumpproc",
		"datastorage/ignore_me.txt", "dynatrace-env.sh", "dynatrace-agent64.sh", "agent/conf/ruxitagentproc.conf",
	}
	_, files, m := tree(t, e, cluster.Spec{})
	listed := m.listings()
	for _, name := range append(recent, always...) {
		require.Contains(t, files, name)
		require.NotZero(t, listed[name], name)
	}
	require.Equal(t, cluster.DefaultTarget, strings.TrimPrefix(files["agent/installer.version"], "agent/installer.version\x00"), "no line ends it")
	require.NotContains(t, files, "agent/customkeys", "the vendor's agent reads nothing there")

	_, files, _ = tree(t, e, cluster.Spec{Version: cluster.DefaultVersions[0]})
	for _, name := range recent {
		require.NotContains(t, files, strings.ReplaceAll(name, cluster.DefaultTarget, cluster.DefaultVersions[0]))
	}
	for _, name := range always {
		require.Contains(t, files, name)
	}
}

// A path stands under several technologies, and several times for versions of
// one.
func TestManifestForm(t *testing.T) {
	e := start(t).AddEnvironment()
	_, _, m := tree(t, e, cluster.Spec{Include: []string{"java", "nodejs"}})
	listed := m.listings()
	require.Equal(t, 3, listed["dynatrace-env.sh"], "process, java and nodejs")
	require.Equal(t, 4, listed["agent/bin/linux-x86-64/fips.so"], "without a version, and for three")
	versions := map[string]bool{}
	for _, f := range m.Technologies["nodejs"]["linux-x86-64"] {
		versions[f.TechnologyVersion] = true
		if path.Base(f.Path) == "cacert.pem" {
			require.NotEqual(t, m.Version, f.Version)
		}
	}
	require.Equal(t, map[string]bool{"": true, "93": true, "108": true, "115": true}, versions)
}

func TestTreesAsOnNPM(t *testing.T) {
	e := start(t).AddEnvironment(cluster.WithoutProcess(), cluster.WithoutManifestVersion(), cluster.WithSmallFiles(2300))
	root, files, m := tree(t, e, cluster.Spec{Include: []string{"nodejs"}, SkipMetadata: true})
	require.Empty(t, m.Version)
	require.NotContains(t, m.Technologies, "process")
	require.NotZero(t, m.listings()["agent/lib64/liboneagentproc.so"])
	require.Greater(t, len(files), 2300)
	require.Empty(t, mismatches(t, root))

	e = start(t).AddEnvironment(cluster.WithLibrary32())
	_, files, m = tree(t, e, cluster.Spec{Bitness: "64"})
	require.Contains(t, files, "agent/lib/liboneagentproc.so")
	require.Contains(t, files, "dynatrace-agent32.sh")
	require.Equal(t, "agent/lib/liboneagentproc.so", m.primary(t, "linux-x86-32"))
}

// The links stand where templates have them, and in their form.
func TestLinkForms(t *testing.T) {
	e := start(t).AddEnvironment(cluster.WithNetworkZones("zone"))
	root, files, _ := tree(t, e, cluster.Spec{NetworkZone: "zone"})
	require.Contains(t, files["dynatrace-env.sh"], "\nDT_TENANT=${DT_TENANT:-"+e.ID()+"}\nexport DT_TENANT\n")
	require.Contains(t, files["dynatrace-env.sh"], "\nDT_TENANTTOKEN=${DT_TENANTTOKEN:-"+e.TenantToken()+"}\nexport DT_TENANTTOKEN\n")
	_, general, found := strings.Cut(files["agent/conf/ruxitagentproc.conf"], "\n[general]\n")
	require.True(t, found)
	require.Contains(t, general, "\nserverAddress {*"+e.Endpoints()[0]+";https://zone.")
	require.Regexp(t, `(?m)^serverAddress \{\*[^{}]+\}\{[^{}*]+\}$`, general)
	require.Contains(t, general, "\ntenant "+e.ID()+"\ntenantToken "+e.TenantToken()+"\n")

	// A shell takes the container's own value, or the one in the file.
	for own, want := range map[string]string{"": e.ID(), "mine": "mine"} {
		cmd := exec.Command("sh", "-u", "-c", ". ./dynatrace-env.sh; printenv DT_TENANT")
		cmd.Dir = root
		if own != "" {
			cmd.Env = append(os.Environ(), "DT_TENANT="+own)
		}
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Equal(t, want+"\n", string(out))
	}
}

// Without metadata there are placeholders or nothing, by the server's seed.
func TestPlaceholders(t *testing.T) {
	var seen []bool
	for seed := range int64(8) {
		s := cluster.New(cluster.Options{Seed: seed + 1, Logf: t.Logf})
		require.NoError(t, s.Start(""))
		root, files, _ := tree(t, s.AddEnvironment(), cluster.Spec{SkipMetadata: true, Include: []string{"go"}})
		conf, env := files["agent/conf/ruxitagentproc.conf"], files["dynatrace-env.sh"]
		has := strings.Contains(env, "\nDT_TENANT=${DT_TENANT:-{$tenant}}\n")
		require.Equal(t, has, strings.Contains(conf, "\nserverAddress {$endpoints}\ntenant {$tenant}\ntenantToken {$token}\n"))
		require.Equal(t, !has, strings.Contains(env, "\nDT_TENANT=${DT_TENANT:-}\n"))
		require.Equal(t, !has, !strings.Contains(conf, "\ntenant"))
		// Untouched, the script is the template that the manifest knows.
		require.Equal(t, !has, slices.Contains(allMismatches(t, root), "dynatrace-env.sh"))
		require.Contains(t, allMismatches(t, root), "agent/conf/ruxitagentproc.conf")
		seen = append(seen, has)
		require.NoError(t, s.Close())
	}
	require.Contains(t, seen, true)
	require.Contains(t, seen, false)
}

// The wrapper appends, and the container's own home and values count.
func TestWrapper(t *testing.T) {
	e := start(t).AddEnvironment()
	root, _, _ := tree(t, e, cluster.Spec{})
	cmd := exec.Command(filepath.Join(root, "dynatrace-agent64.sh"), "env")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LD_PRELOAD=" + filepath.Join(root, "agent/lib64/liboneagentproc.so"), "DT_TENANT=own"}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	lib := filepath.Join(root, "agent/lib64/liboneagentproc.so")
	require.Contains(t, string(out), "\nLD_PRELOAD="+lib+":"+lib+"\n")
	require.Contains(t, string(out), "\nDT_TENANT=own\n")
	require.Contains(t, string(out), "\nDT_TENANTTOKEN="+e.TenantToken()+"\n")
	require.Contains(t, string(out), "Info: ")
}

type manifest struct {
	Technologies           map[string]map[string][]manifestFile
	Version                string
	TenantUUID             string
	TenantToken            string
	CommunicationEndpoints []string
}

type manifestFile struct{ Path, MD5, Version, BinaryType, TechnologyVersion string }

// primary is the library that a platform's processes are given.
func (m manifest) primary(t *testing.T, platform string) string {
	t.Helper()
	var found []string
	for _, f := range m.Technologies["process"][platform] {
		if f.BinaryType == "primary" {
			found = append(found, f.Path)
		}
	}
	require.Len(t, found, 1)
	return found[0]
}

// customised are files that a cluster delivers otherwise than the manifest has
// them.
var customised = []string{"agent/conf/ruxitagentproc.conf", "dynatrace-env.sh"}

func readManifest(t *testing.T, root string) manifest {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, "manifest.json"))
	require.NoError(t, err)
	var m manifest
	require.NoError(t, json.Unmarshal(data, &m))
	return m
}

// mismatches are the files that differ from the manifest and should not.
func mismatches(t *testing.T, root string) []string {
	t.Helper()
	return slices.DeleteFunc(allMismatches(t, root), func(p string) bool { return slices.Contains(customised, p) })
}

// allMismatches are the files that differ from the manifest.
func allMismatches(t *testing.T, root string) (wrong []string) {
	t.Helper()
	for _, platforms := range readManifest(t, root).Technologies {
		for _, files := range platforms {
			for _, f := range files {
				data, err := os.ReadFile(filepath.Join(root, f.Path))
				require.NoError(t, err)
				sum := md5.Sum(data)
				if hex.EncodeToString(sum[:]) != f.MD5 {
					wrong = append(wrong, f.Path)
				}
			}
		}
	}
	slices.Sort(wrong)
	return slices.Compact(wrong)
}

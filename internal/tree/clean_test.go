package tree

import (
	"bytes"
	"crypto/md5"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/containerd/containerd/v2/pkg/archive"
	digest "github.com/opencontainers/go-digest"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

const testVersion = "1.305.152.20241113-104505"

// sample is an agent with links in every file that may hold some.
type sample struct {
	dir                       string
	tenant, token, host, zone string
	fips                      bool
	config                    []agent.Property
}

// sharedObject is a library for x86 without any dependency.
func sharedObject() []byte {
	b := make([]byte, 64)
	copy(b, "\x7fELF\x02\x01\x01")
	binary.LittleEndian.PutUint16(b[16:], 3)  // ET_DYN
	binary.LittleEndian.PutUint16(b[18:], 62) // EM_X86_64
	binary.LittleEndian.PutUint32(b[20:], 1)
	binary.LittleEndian.PutUint16(b[52:], 64)
	binary.LittleEndian.PutUint16(b[54:], 56)
	binary.LittleEndian.PutUint16(b[58:], 64)
	return b
}

func newSample(t *testing.T) *sample {
	t.Helper()
	s := &sample{
		dir:    t.TempDir(),
		tenant: strings.ToLower(rand.Text()[:8]),
		token:  rand.Text(),
		host:   "h" + strings.ToLower(rand.Text()) + ".invalid",
		zone:   "zone-" + rand.Text()[:5],
	}
	endpoints := "https://" + s.host + "/communication;https://two." + s.host + ":9999/communication"
	s.write(t, "agent/lib64/liboneagentproc.so", string(sharedObject()), 0o600)
	s.write(t, "agent/bin/x/tool", "#!/bin/sh\n", 0o711)
	s.write(t, "agent/conf/ruxitagentproc.conf", "# settings\n[general]\ntenant "+s.tenant+"\ntenantToken "+s.token+
		"\nserverAddress {"+endpoints+"}\nnetworkZone "+s.zone+"\nstorage \"/var/x y\"\n\n[agentType]\njava on\n", 0o644)
	s.write(t, "agent/conf/standalone.conf", "tenant="+s.tenant+"\ntenanttoken="+s.token+"\nserver="+endpoints+"\nloglevelcon=info\n", 0o644)
	s.write(t, "dynatrace-env.sh", "#!/bin/sh\nexport DT_TENANT="+s.tenant+"\nexport DT_TENANTTOKEN=\""+s.token+"\"\nexport DT_CONNECTION_POINT=\""+endpoints+"\"\n", 0o755)
	s.write(t, "dynatrace-agent64.sh", "#!/bin/sh\n. \"$(dirname \"$0\")/dynatrace-env.sh\"\nexec \"$@\"\n", 0o755)
	s.write(t, "log/process/install.log", "connecting to "+endpoints+"\n", 0o644)
	s.write(t, "agent/config/container.conf", "[host]\ntenant "+s.tenant+"\nisCloudNativeFullStack true\n", 0o644)
	s.write(t, "agent/customkeys/custom.pem", "subject=CN = "+s.host+"\n", 0o644)
	s.write(t, "agent/customkeys/curl_options.conf", "initialConnectRetryMs 6000\n", 0o644)
	require.NoError(t, os.Symlink("x", filepath.Join(s.dir, "agent/bin/current")))
	s.manifest(t, []string{"agent/bin/x/tool", "agent/conf/ruxitagentproc.conf"})
	return s
}

func (s *sample) write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	p := filepath.Join(s.dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(p), 0o750))
	require.NoError(t, os.WriteFile(p, []byte(text), mode))
}

func (s *sample) manifest(t *testing.T, files []string) {
	t.Helper()
	entry := func(name, kind string) map[string]string {
		dt, err := os.ReadFile(filepath.Join(s.dir, name))
		require.NoError(t, err)
		sum := md5.Sum(dt)
		return map[string]string{"path": name, "md5": hex.EncodeToString(sum[:]), "binarytype": kind}
	}
	var list []map[string]string
	for _, f := range files {
		list = append(list, entry(f, ""))
	}
	dt, err := json.Marshal(map[string]any{
		"version": testVersion, "tenantUUID": s.tenant, "tenantToken": s.token,
		"communicationEndpoints": []string{"https://" + s.host + "/communication"},
		"technologies": map[string]any{
			"process": map[string]any{"linux-x86-64": []any{entry("agent/lib64/liboneagentproc.so", "primary")}},
			"java":    map[string]any{"linux-x86-64": list},
		},
	})
	require.NoError(t, err)
	s.write(t, "manifest.json", string(dt), 0o640)
}

func (s *sample) clean(t *testing.T, values ...scan.Value) (*agent.Installed, error) {
	t.Helper()
	root, err := os.OpenRoot(s.dir)
	require.NoError(t, err)
	defer root.Close()
	return Clean(t.Context(), root, Wanted{
		Spec:    agent.Spec{Arch: agent.ArchX86, Flavor: agent.FlavorDefault, FIPS: s.fips},
		Version: testVersion,
		Values:  values,
		Config:  s.config,
	})
}

func (s *sample) read(t *testing.T, name string) string {
	t.Helper()
	dt, err := os.ReadFile(filepath.Join(s.dir, name))
	require.NoError(t, err)
	return string(dt)
}

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
	require.Equal(t, "[host]\nisCloudNativeFullStack true\n", s.read(t, "agent/config/container.conf"))
	require.NoFileExists(t, filepath.Join(s.dir, "log/process/install.log"))
	require.NoFileExists(t, filepath.Join(s.dir, "agent/customkeys/custom.pem"))
	require.FileExists(t, filepath.Join(s.dir, "agent/customkeys/curl_options.conf"))
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

// The label in the image's config names the layer that BuildKit will write.
func TestDiffIDIsThatOfContainerd(t *testing.T) {
	s := newSample(t)
	require.NoError(t, os.Link(filepath.Join(s.dir, "agent/bin/x/tool"), filepath.Join(s.dir, "agent/bin/x/a-second-name")))
	s.write(t, "agent/"+strings.Repeat("long/", 60)+"name", "x", 0o644)
	s.write(t, "agent/ümlaut", "x", 0o644)
	in, err := s.clean(t)
	require.NoError(t, err)

	layer := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(layer, "opt/dynatrace"), 0o755))
	require.NoError(t, os.Rename(s.dir, filepath.Join(layer, "opt/dynatrace/oneagent")))
	epoch := []syscall.Timespec{{}, {}}
	require.NoError(t, filepath.WalkDir(layer, func(p string, _ os.DirEntry, _ error) error {
		if st, err := os.Lstat(p); err == nil && st.Mode()&os.ModeSymlink != 0 {
			return lutimes(p)
		}
		return syscall.UtimesNano(p, epoch)
	}))
	var tar bytes.Buffer
	require.NoError(t, archive.WriteDiff(t.Context(), &tar, "", layer))
	require.Equal(t, digest.FromBytes(tar.Bytes()).String(), in.DiffID)
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

func TestCleanFindsWhatIsLeft(t *testing.T) {
	tests := map[string]struct {
		leave func(t *testing.T, s *sample)
		path  string
		want  string
	}{
		"plain": {
			func(t *testing.T, s *sample) { s.write(t, "agent/.cache", "x="+s.token, 0o644) },
			"agent/.cache", "agent/.cache (tenant token, plain)",
		},
		"base64": {
			func(t *testing.T, s *sample) {
				s.write(t, "agent/blob", base64.StdEncoding.EncodeToString([]byte("u:"+s.token)), 0o644)
			},
			"agent/blob", "agent/blob (tenant token, base64)",
		},
		"host": {
			func(t *testing.T, s *sample) { s.write(t, "agent/hosts", "see "+s.host+" for more", 0o644) },
			"agent/hosts", "agent/hosts (communication endpoint host, plain)",
		},
		"file name": {
			func(t *testing.T, s *sample) { s.write(t, "agent/"+s.tenant, "", 0o644) },
			"agent/…", "agent/… (environment id, plain, in its name)",
		},
		"folder name": {
			func(t *testing.T, s *sample) {
				s.write(t, "agent/x-"+hex.EncodeToString([]byte(s.tenant))+"/a/b", "", 0o644)
			},
			"agent/…", "agent/…/a/b (environment id, hex, in its name)",
		},
		"symlink": {
			func(t *testing.T, s *sample) {
				require.NoError(t, os.Symlink(s.token, filepath.Join(s.dir, "agent/link")))
			},
			"agent/link", "agent/link (tenant token, plain, in its target)",
		},
		"further key": {
			func(t *testing.T, s *sample) {
				s.write(t, "agent/conf/ruxitagentproc.conf", s.read(t, "agent/conf/ruxitagentproc.conf")+"backup "+s.token+"\n", 0o644)
				s.manifest(t, nil)
			},
			"agent/conf/ruxitagentproc.conf", "agent/conf/ruxitagentproc.conf (tenant token, plain)",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newSample(t)
			tt.leave(t, s)
			_, err := s.clean(t)
			var leak *LeakError
			require.ErrorAs(t, err, &leak)
			require.ErrorContains(t, err, tt.want)
			for _, v := range []string{s.tenant, s.token, s.host} {
				require.NotContains(t, err.Error(), v)
				require.NotContains(t, err.Error(), hex.EncodeToString([]byte(v)))
			}
		})
	}
}

func TestCleanLooksForSecretsOfTheBuild(t *testing.T) {
	s := newSample(t)
	secret := rand.Text()
	s.write(t, "agent/bin/x/note", hex.EncodeToString([]byte(secret)), 0o644)
	_, err := s.clean(t, scan.Value{Kind: "API token", Value: secret})
	require.ErrorContains(t, err, "agent/bin/x/note (API token, hex)")
	require.NotContains(t, err.Error(), secret)
}

func TestCleanRefuses(t *testing.T) {
	tests := map[string]struct {
		spoil func(t *testing.T, s *sample)
		want  string
	}{
		"no manifest": {
			func(t *testing.T, s *sample) { require.NoError(t, os.Remove(filepath.Join(s.dir, "manifest.json"))) },
			"the installer left no manifest.json",
		},
		"bad manifest": {
			func(t *testing.T, s *sample) { s.write(t, "manifest.json", "<html>", 0o644) },
			"no valid JSON",
		},
		"damaged file": {
			func(t *testing.T, s *sample) { s.write(t, "agent/bin/x/tool", "#!/bin/sh\nother\n", 0o755) },
			"agent/bin/x/tool of the agent is not what its manifest.json says",
		},
		"damaged conf": {
			func(t *testing.T, s *sample) { s.write(t, "agent/conf/ruxitagentproc.conf", "tenant x\n", 0o644) },
			"agent/conf/ruxitagentproc.conf of the agent is not what its manifest.json says",
		},
		"lacking file": {
			func(t *testing.T, s *sample) { require.NoError(t, os.Remove(filepath.Join(s.dir, "agent/bin/x/tool"))) },
			"the agent lacks agent/bin/x/tool",
		},
		"no library": {
			func(t *testing.T, s *sample) {
				require.NoError(t, os.Remove(filepath.Join(s.dir, "agent/lib64/liboneagentproc.so")))
			},
			"no preload library",
		},
		"wrong architecture": {
			func(t *testing.T, s *sample) {
				lib := sharedObject()
				lib[18] = 183 // EM_AARCH64
				s.write(t, "agent/lib64/liboneagentproc.so", string(lib), 0o644)
				s.manifest(t, nil)
			},
			"an agent for EM_AARCH64",
		},
		"pipe": {
			func(t *testing.T, s *sample) {
				require.NoError(t, syscall.Mkfifo(filepath.Join(s.dir, "agent/pipe"), 0o644))
			},
			"agent/pipe of the agent is a pipe",
		},
		"sparse file": {
			func(t *testing.T, s *sample) {
				s.write(t, "agent/big", "", 0o644)
				require.NoError(t, os.Truncate(filepath.Join(s.dir, "agent/big"), 1<<40))
			},
			"no agent is that large",
		},
		"deep folders": {
			func(t *testing.T, s *sample) { s.write(t, strings.Repeat("d/", 70)+"f", "", 0o644) },
			"of more than 64 levels",
		},
		"a flood of links": {
			func(t *testing.T, s *sample) {
				s.write(t, "agent/conf/standalone.conf", "server "+strings.Repeat("https://a.invalid;", 10_000)+"\n", 0o644)
			},
			"no environment has as many",
		},
		"symlink out of the tree": {
			func(t *testing.T, s *sample) {
				require.NoError(t, os.Symlink("../../etc/passwd", filepath.Join(s.dir, "agent/out")))
			},
			"leads out of",
		},
		"symlinks that lead out together": {
			func(t *testing.T, s *sample) {
				require.NoError(t, os.Symlink("..", filepath.Join(s.dir, "agent/bin/x/up")))
				require.NoError(t, os.Symlink("agent/bin/x/up/../../..", filepath.Join(s.dir, "out")))
			},
			"symlink out leads out of",
		},
		"setuid": {
			func(t *testing.T, s *sample) {
				require.NoError(t, os.Chmod(filepath.Join(s.dir, "agent/bin/x/tool"), 0o755|os.ModeSetuid))
			},
			"agent/bin/x/tool of the agent is a setuid file",
		},
		"absolute symlink": {
			func(t *testing.T, s *sample) {
				require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(s.dir, "agent/out")))
			},
			"leads out of",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newSample(t)
			tt.spoil(t, s)
			_, err := s.clean(t)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestCleanWantsTheVersionThatWasResolved(t *testing.T) {
	s := newSample(t)
	root, err := os.OpenRoot(s.dir)
	require.NoError(t, err)
	defer root.Close()
	_, err = Clean(t.Context(), root, Wanted{Spec: agent.Spec{Arch: agent.ArchX86, Flavor: agent.FlavorDefault}, Version: "1.306.1.20250101-000000"})
	require.ErrorContains(t, err, "1.306.1.20250101-000000 was asked for")
}

// What lies behind a symlink is nobody's business.
func TestCleanStaysInTheTree(t *testing.T) {
	s := newSample(t)
	outside := filepath.Join(t.TempDir(), "conf")
	require.NoError(t, os.WriteFile(outside, []byte("tenant x\n"), 0o600))
	conf := filepath.Join(s.dir, "ruxitagent.conf")
	require.NoError(t, os.Symlink(outside, conf))
	_, err := s.clean(t)
	require.Error(t, err)
	st, err := os.Stat(outside)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), st.Mode())
	dt, err := os.ReadFile(outside)
	require.NoError(t, err)
	require.Equal(t, "tenant x\n", string(dt))
}

func TestPruneKeepsTheAgentOnly(t *testing.T) {
	dir := t.TempDir()
	for _, p := range []string{"dynatrace/oneagent/agent", "dynatrace/installer-log", "other/deep"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, p), 0o755))
	}
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	require.NoError(t, Prune(root))
	require.DirExists(t, filepath.Join(dir, "dynatrace/oneagent/agent"))
	require.NoDirExists(t, filepath.Join(dir, "dynatrace/installer-log"))
	require.NoDirExists(t, filepath.Join(dir, "other"))

	empty, err := os.OpenRoot(t.TempDir())
	require.NoError(t, err)
	defer empty.Close()
	require.ErrorContains(t, Prune(empty), "left no folder dynatrace/oneagent")
}

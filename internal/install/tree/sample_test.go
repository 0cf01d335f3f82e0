package tree

import (
	"crypto/md5"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/stretchr/testify/require"
)

const testVersion = "1.305.152.20241113-104505"

// sample is an agent with links in every file that may hold some.
type sample struct {
	dir                       string
	tenant, token, host, zone string
	fips                      bool
	config                    []agent.Property
	group                     string
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
	return Clean(t.Context(), root, Options{
		Spec:    agent.Spec{Arch: agent.ArchX86, Flavor: agent.FlavorDefault, FIPS: s.fips, HostGroup: s.group},
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

package tree

import (
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/manifest"
	"github.com/org/dt-frontend/internal/agent/moduleconfig"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/stretchr/testify/require"
)

// merged are the settings of a file, without its comments.
func merged(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			out = append(out, strings.TrimSuffix(line, "\n"))
		}
	}
	return out
}

func TestCleanMergesTheConfiguration(t *testing.T) {
	s := newSample(t)
	secret := rand.Text()
	s.config = []agent.Property{
		{Section: "general", Key: "storage", Value: "/other"},
		{Section: "general", Key: "tenant", Value: s.tenant},
		// By what the agent's own files name, and by what the build knows.
		{Section: "general", Key: "a", Value: "see https://" + s.host + "/"},
		{Section: "agentType", Key: "b", Value: secret},
		{Section: "agentType", Key: "php", Value: "on"},
	}
	in, err := s.clean(t, scan.Value{Kind: "API token", Value: secret})
	require.NoError(t, err)
	require.Equal(t, agent.ConfigMerge, in.Config)
	require.Equal(t, `left out, since an image may not hold what names the environment: "agentType/b", "general/a"`, in.ConfigWarning)
	text := s.read(t, moduleconfig.File)
	require.Equal(t, []string{"[agentType]", "java on", "php on", "[general]", "storage /other"}, merged(text))

	// The manifest is right about it, so that it is an agent like any other.
	var m manifest.Manifest
	require.NoError(t, json.Unmarshal([]byte(s.read(t, "manifest.json")), &m))
	sum := md5.Sum([]byte(text))
	for _, e := range m.Entries() {
		if e.Path == moduleconfig.File {
			require.Equal(t, hex.EncodeToString(sum[:]), e.MD5)
		}
	}
	s.config = nil
	again, err := s.clean(t)
	require.NoError(t, err)
	in.ConfigWarning = ""
	require.Equal(t, in, again, "cleaned once more it is known for what it is")
}

// What cannot be merged leaves the agent's own settings.
func TestCleanKeepsTheConfiguration(t *testing.T) {
	plain := newSample(t)
	_, err := plain.clean(t)
	require.NoError(t, err)
	for name, tt := range map[string]struct {
		spoil func(*sample)
		want  string
	}{
		"control character": {func(s *sample) { s.config[0].Value = "x\n[general]\ny on" }, `left out, since the value has a control character: "general/x"`},
		"not an agent's": {func(s *sample) {
			s.write(t, moduleconfig.File, "[general\n", 0o644)
			s.manifest(t, nil)
		}, "cannot be read: line 1 is no section"},
		"too large": {func(s *sample) {
			s.write(t, moduleconfig.File, "x "+strings.Repeat("x", 900<<10), 0o644)
			s.manifest(t, nil)
			s.config[0].Value = strings.Repeat("y", 200<<10)
		}, "has more than 1048576 bytes"},
		"none": {func(s *sample) {
			require.NoError(t, os.Remove(filepath.Join(s.dir, moduleconfig.File)))
			s.manifest(t, nil)
		}, "the agent has no " + moduleconfig.File},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSample(t)
			s.config = []agent.Property{{Section: "general", Key: "x", Value: "on"}}
			tt.spoil(s)
			own, _ := os.ReadFile(filepath.Join(s.dir, moduleconfig.File))
			in, err := s.clean(t)
			require.NoError(t, err)
			require.Empty(t, in.Config)
			require.Contains(t, in.ConfigWarning, tt.want)
			now, _ := os.ReadFile(filepath.Join(s.dir, moduleconfig.File))
			if name == "control character" {
				own = []byte(plain.read(t, moduleconfig.File))
			}
			require.Equal(t, string(own), string(now))
		})
	}
}

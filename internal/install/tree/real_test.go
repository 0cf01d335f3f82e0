package tree

import (
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/moduleconfig"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/stretchr/testify/require"
)

// envTemplate is a dynatrace-env.sh of the real form; %tenant% and so on are
// what a cluster fills in.
const envTemplate = `# dynatrace-env.sh
DT_TENANT=${DT_TENANT:-%tenant%}
export DT_TENANT
DT_TENANTTOKEN=${DT_TENANTTOKEN:-%token%}
export DT_TENANTTOKEN
DT_CONNECTION_POINT=${DT_CONNECTION_POINT:-%endpoints%}
export DT_CONNECTION_POINT
`

// realSample is an agent in the forms that the vendor's have: without a version
// and a group for processes in its manifest, which lists templates.
func realSample(t *testing.T, filled bool) *sample {
	t.Helper()
	s := newSample(t)
	for _, name := range []string{"agent/conf/standalone.conf", "log", "agent/config", "agent/customkeys"} {
		require.NoError(t, os.RemoveAll(filepath.Join(s.dir, name)))
	}
	fill := func(text string) string {
		tenant, token, endpoints := "{$tenant}", "{$token}", "{$endpoints}"
		if filled {
			tenant, token, endpoints = s.tenant, s.token, "{*https://"+s.host+":9999/communication;https://b."+s.host+"}{https://c."+s.host+"}"
		}
		return strings.NewReplacer("%tenant%", tenant, "%token%", token, "%endpoints%", endpoints).Replace(text)
	}
	conf := "[agentType]\njava on\n\n[general]\nrevision 1\nstandalone on\n"
	s.write(t, "agent/conf/ruxitagentproc.conf", conf, 0o644)
	s.write(t, "dynatrace-env.sh", fill(envTemplate), 0o644)
	s.write(t, "log/ignore_me.txt", "This keeps the directory", 0o644)
	s.write(t, "datastorage/ignore_me.txt", "This keeps the directory", 0o644)
	s.write(t, agent.FIPSDisabled, "", 0o644)
	s.write(t, "agent/installer.version", testVersion, 0o644)
	s.write(t, "dynatrace-agent32.sh", "#!/bin/sh\nexec \"$@\"\n", 0o755)
	s.manifest(t, []string{
		"agent/bin/x/tool", "agent/conf/ruxitagentproc.conf", "agent/installer.version", "log/ignore_me.txt",
		"datastorage/ignore_me.txt", agent.FIPSDisabled, "dynatrace-env.sh", "dynatrace-agent64.sh", "dynatrace-agent32.sh",
	})
	s.edit(t, func(m map[string]any) {
		for _, key := range []string{"version", "tenantUUID", "tenantToken", "communicationEndpoints"} {
			delete(m, key)
		}
		delete(m["technologies"].(map[string]any), "process")
		for _, e := range m["technologies"].(map[string]any)["java"].(map[string]any)["linux-x86-64"].([]any) {
			if e := e.(map[string]any); strings.HasSuffix(e["path"].(string), ".sh") || strings.HasSuffix(e["path"].(string), ".conf") {
				e["md5"] = "0123456789abcdef0123456789abcdef"
			}
		}
	})
	if filled {
		s.write(t, "agent/conf/ruxitagentproc.conf", conf+fill("serverAddress %endpoints%\ntenant %tenant%\ntenantToken %token%\n"), 0o644)
	}
	return s
}

// edit changes the manifest.
func (s *sample) edit(t *testing.T, change func(m map[string]any)) {
	t.Helper()
	var m map[string]any
	require.NoError(t, json.Unmarshal([]byte(s.read(t, "manifest.json")), &m))
	change(m)
	dt, err := json.Marshal(m)
	require.NoError(t, err)
	s.write(t, "manifest.json", string(dt), 0o640)
}

// TestClean_TakesARealTree, in which files have another MD5 than the manifest
// says; each build with one failed.
func TestClean_TakesARealTree(t *testing.T) {
	var diffIDs []string
	for _, filled := range []bool{true, false, true} {
		s := realSample(t, filled)
		in, err := s.clean(t)
		require.NoError(t, err)
		require.Equal(t, testVersion, in.Version)
		require.Equal(t, agent.Dir+"/"+agent.PreloadLibrary, in.Preload)
		require.Equal(t, []string{"java"}, in.Technologies)
		require.FileExists(t, filepath.Join(s.dir, "log/ignore_me.txt"), "the vendor's tools copy an agent by its manifest")
		diffIDs = append(diffIDs, in.DiffID)
		// What an installer without links has in their place is removed, too.
		require.Equal(t, "# dynatrace-env.sh\n"+strings.Repeat(":\n", 6), s.read(t, "dynatrace-env.sh"))
		again, err := s.clean(t)
		require.NoError(t, err)
		require.Equal(t, in, again)
	}
	require.Equal(t, diffIDs[0], diffIDs[1], "with links or without: the clean agent is the same")
	require.Equal(t, diffIDs[0], diffIDs[2], "nor does the environment matter")
}

// TestClean_FindsLinksWithoutSecrets: what the files of a tree name is looked for
// in all others, although no secret was given.
func TestClean_FindsLinksWithoutSecrets(t *testing.T) {
	for kind, value := range map[string]func(*sample) string{
		"environment id":              func(s *sample) string { return s.tenant },
		"tenant token":                func(s *sample) string { return s.token },
		"communication endpoint host": func(s *sample) string { return "b." + s.host },
	} {
		s := realSample(t, true)
		s.write(t, "agent/notes", "x "+value(s)+" y\n", 0o644)
		_, err := s.clean(t)
		require.ErrorContains(t, err, "agent/notes ("+kind+", plain")

		// Either file alone suffices.
		s = realSample(t, true)
		s.write(t, "agent/conf/ruxitagentproc.conf", "[general]\n", 0o644)
		s.write(t, "agent/notes", "x "+value(s)+" y\n", 0o644)
		_, err = s.clean(t)
		require.ErrorContains(t, err, "agent/notes ("+kind+", plain", "by dynatrace-env.sh")
		s = realSample(t, true)
		s.write(t, "dynatrace-env.sh", "", 0o644)
		s.write(t, "agent/notes", "x "+value(s)+" y\n", 0o644)
		_, err = s.clean(t)
		require.ErrorContains(t, err, "agent/notes ("+kind+", plain", "by ruxitagentproc.conf")
	}
	s := realSample(t, false)
	s.write(t, "agent/notes", "fill in {$tenant}, {$token} and {$endpoints}, as ${DT_TENANT}\n", 0o644)
	_, err := s.clean(t)
	require.NoError(t, err, "placeholders are not values")
}

// All else is compared with the manifest, be it in a directory that agents write
// into.
func TestClean_ComparesAllOtherFiles(t *testing.T) {
	for _, name := range []string{"agent/bin/x/tool", "log/ignore_me.txt", "datastorage/ignore_me.txt"} {
		s := realSample(t, true)
		s.write(t, name, "other\n", 0o644)
		_, err := s.clean(t)
		require.ErrorContains(t, err, name+" of the agent is not what its manifest.json says")
	}
	s := realSample(t, true)
	require.NoError(t, os.RemoveAll(filepath.Join(s.dir, "log")))
	_, err := s.clean(t)
	require.NoError(t, err, "people empty them")
}

// TestClean_KeepsOtherChecksums: an entry with the MD5 of a file that is changed
// may be another file's.
func TestClean_KeepsOtherChecksums(t *testing.T) {
	s := newSample(t)
	env := s.read(t, "dynatrace-env.sh")
	s.write(t, "agent/bin/x/same", "tenant-free", 0o644)
	s.write(t, "dynatrace-env.sh", "tenant-free", 0o644)
	s.manifest(t, []string{"agent/bin/x/same", "dynatrace-env.sh"})
	s.write(t, "dynatrace-env.sh", env, 0o644)
	_, err := s.clean(t)
	require.NoError(t, err)
	_, err = s.clean(t)
	require.NoError(t, err)
}

// TestClean_RemovesLeftovers of a run and of an environment.
func TestClean_RemovesLeftovers(t *testing.T) {
	s := realSample(t, false)
	left := []string{
		"agent/conf/declarative.cbor", "agent/config/declarative.cbor", "agent/config/agent.state", "agent/config/ruxitagentproc.conf",
		"agent/customkeys/custom-proxy.pem", "agent/customkeys/curl_options.conf", "log/nodejs/x.log", "datastorage/a/b/c",
	}
	for _, name := range left {
		s.write(t, name, rand.Text(), 0o644)
	}
	s.write(t, "agent/config/container.conf", "[host]\ntenant "+s.tenant+"\n", 0o644)
	in, err := s.clean(t)
	require.NoError(t, err)
	for _, name := range left {
		require.NoFileExists(t, filepath.Join(s.dir, name))
	}
	require.NoDirExists(t, filepath.Join(s.dir, "datastorage/a"))
	plain, err := realSample(t, false).clean(t)
	require.NoError(t, err)
	require.Equal(t, plain.DiffID, in.DiffID, "nothing tells that the agent was run")

	s.write(t, "agent/config/container.conf", "[host]\ntenant "+s.tenant+"\n", 0o644)
	s.write(t, "agent/notes", s.tenant, 0o644)
	_, err = s.clean(t)
	require.ErrorContains(t, err, "agent/notes (environment id, plain)", "what they name is looked for")
}

// TestClean_KeepsFilesOfOtherNames: a leftover's directory may be a symlink to one
// in which the file of that name is the agent's own.
func TestClean_KeepsFilesOfOtherNames(t *testing.T) {
	s := realSample(t, false)
	require.NoError(t, os.Symlink("conf", filepath.Join(s.dir, "agent/config")))
	_, err := s.clean(t)
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(s.dir, moduleconfig.File))
}

// TestClean_NeedsTheConfiguration, although its content cannot be compared.
func TestClean_NeedsTheConfiguration(t *testing.T) {
	s := realSample(t, true)
	require.NoError(t, os.Remove(filepath.Join(s.dir, moduleconfig.File)))
	_, err := s.clean(t)
	require.ErrorContains(t, err, "the agent lacks "+moduleconfig.File)
}

// TestClean_WritesTheHostGroup that the build asks for, and no other.
func TestClean_WritesTheHostGroup(t *testing.T) {
	s := newSample(t)
	s.write(t, moduleconfig.File, "# settings\n[general]\nhostGroup theirs\ntenant "+s.tenant+"\n[agentType]\njava on\n", 0o644)
	s.group = "group-" + rand.Text()
	_, err := s.clean(t, scan.Value{Kind: "API token", Value: rand.Text()})
	require.NoError(t, err)
	require.Equal(t, "# settings\n[general]\nhostGroup "+s.group+"\n[agentType]\njava on\n", s.read(t, moduleconfig.File))

	s.config = []agent.Property{{Section: "general", Key: "hostGroup", Value: "of the environment"}, {Section: "general", Key: "a", Value: "b"}}
	_, err = s.clean(t)
	require.NoError(t, err)
	require.Equal(t, []string{"[agentType]", "java on", "[general]", "hostGroup " + s.group, "a b"}, merged(s.read(t, moduleconfig.File)))

	s.config, s.group = nil, ""
	_, err = s.clean(t)
	require.NoError(t, err)
	require.NotContains(t, s.read(t, moduleconfig.File), "hostGroup")

	s.group = "x-" + s.tenant
	_, err = s.clean(t, scan.Value{Kind: "environment id", Value: s.tenant})
	require.EqualError(t, err, "invalid host-group: it holds the environment id, which an image may not have")
}

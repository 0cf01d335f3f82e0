package oneagent_test

import (
	"archive/zip"
	"bytes"
	"crypto/md5" //nolint:gosec // what manifests hold
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/oneagent"
)

// modules is what npm leaves of packages that are like the vendor's in form.
func modules(t *testing.T) []*oneagent.Agent {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		name = filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o755))
	}
	for _, r := range oneagent.Releases {
		root, version := "oneagent-"+r.Name+"/", r.Name+".20200101-000000"
		write(root+"package.json", "npm's")
		write(root+"README.md", "npm's")
		write(root+"agent/installer.version", version)
		write(root+"log/ignore_me.txt", "a log")
		write(root+"dynatrace-env.sh", "T=${T:-{$tenant}}\nK=${K:-{$token}}\nC=${C:-{$endpoints}}\n")
		write(root+"agent/conf/ruxitagentproc.conf", "[agentType]\nnodejs on\n[general]\nlast on\n")
		own := "agent/bin/" + version + "/any/nodejs/node_modules/semver/"
		entry := func(path, text string) string {
			sum := md5.Sum([]byte(text)) //nolint:gosec // see above
			return fmt.Sprintf(`{"path":%q,"technologyversion":"1","md5":%q}`, path, hex.EncodeToString(sum[:]))
		}
		write(root+"manifest.json", fmt.Sprintf(`{"technologies":{"nodejs":{"linux-x86-64":[%s,%s,%s,%s]}}}`,
			entry("log/ignore_me.txt", "a log"), entry(own+"semver.js", "code"),
			entry(own+"package.json", "what npm wrote long ago"), entry("agent/absent", "")))
	}
	for _, name := range []string{"semver-5/", "semver-6/"} {
		write(name+"semver.js", "code")
		write(name+"package.json", "what npm has today")
	}
	agents, err := oneagent.Open(dir)
	require.NoError(t, err)
	return agents
}

// unpack returns what an installer unpacks, by its two forms.
func unpack(t *testing.T, a *oneagent.Agent, l *oneagent.Links) (script, zipped map[string]string) {
	t.Helper()
	dir := t.TempDir()
	var b bytes.Buffer
	require.NoError(t, a.WriteScript(&b, l))
	installer := filepath.Join(dir, "installer.sh")
	require.NoError(t, os.WriteFile(installer, b.Bytes(), 0o755))
	out, err := exec.CommandContext(t.Context(), "sh", installer, dir).CombinedOutput()
	require.NoError(t, err, "%s", out)
	script = map[string]string{}
	require.NoError(t, os.CopyFS(filepath.Join(dir, "copy"), os.DirFS(dir+"/dynatrace/oneagent")))
	require.NoError(t, filepath.WalkDir(filepath.Join(dir, "copy"), func(name string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		dt, err := os.ReadFile(name)
		rel, _ := filepath.Rel(filepath.Join(dir, "copy"), name)
		script[rel] = string(dt)
		return err
	}))
	target, err := os.Readlink(dir + "/dynatrace/oneagent/agent/bin/current")
	require.NoError(t, err)
	require.Equal(t, a.Version, target)

	b.Reset()
	require.NoError(t, a.WriteZip(&b, l))
	zr, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	require.NoError(t, err)
	zipped = map[string]string{}
	for _, f := range zr.File {
		r, err := f.Open()
		require.NoError(t, err)
		dt, err := io.ReadAll(r)
		require.NoError(t, err)
		zipped[f.Name] = string(dt)
	}
	return script, zipped
}

func TestInstallers(t *testing.T) {
	links := &oneagent.Links{Tenant: "abc12345", TenantToken: "secret", Endpoints: []string{"https://a", "https://b", "https://c"}}
	var named []bool
	for i, a := range modules(t) {
		t.Run(a.Name, func(t *testing.T) {
			require.Equal(t, a.Name+".20200101-000000", a.Version)
			plain, zipped := unpack(t, a, nil)
			require.Equal(t, plain, zipped)
			require.NotContains(t, plain, "package.json")
			require.NotContains(t, plain, "README.md")
			require.NotContains(t, plain["agent/conf/ruxitagentproc.conf"], "tenant")
			require.Contains(t, []string{
				"T=${T:-{$tenant}}\nK=${K:-{$token}}\nC=${C:-{$endpoints}}\n", "T=${T:-}\nK=${K:-}\nC=${C:-}\n",
			}, plain["dynatrace-env.sh"])

			full, zipped := unpack(t, a, links)
			require.Equal(t, full, zipped)
			require.Equal(t, "T=${T:-abc12345}\nK=${K:-secret}\nC=${C:-\"{*https://a;https://b}{https://c}\"}\n", full["dynatrace-env.sh"])
			require.Equal(t, "[agentType]\nnodejs on\n[general]\nserverAddress {*https://a;https://b}{https://c}\n"+
				"tenant abc12345\ntenantToken secret\nlast on\n", full["agent/conf/ruxitagentproc.conf"])

			var m struct {
				Version, TenantUUID, TenantToken string
				CommunicationEndpoints           []string
				Technologies                     map[string]map[string][]map[string]string
			}
			require.NoError(t, json.Unmarshal([]byte(full["manifest.json"]), &m))
			require.Equal(t, links.Endpoints, m.CommunicationEndpoints)
			require.Equal(t, "abc12345 secret", m.TenantUUID+" "+m.TenantToken)
			require.Contains(t, []string{"", a.Version}, m.Version)
			named = append(named, m.Version != "")
			var paths []string
			for _, e := range m.Technologies["nodejs"]["linux-x86-64"] {
				paths = append(paths, e["path"])
				require.Equal(t, "1", e["technologyversion"])
				require.Contains(t, full, e["path"])
			}
			want := []string{"log/ignore_me.txt"}
			if i < 3 { // those to which npm brings a module
				want = append(want, "agent/bin/"+a.Version+"/any/nodejs/node_modules/semver/semver.js")
			}
			require.Equal(t, want, paths)
		})
	}
	require.Contains(t, named, true, "some manifests name the version")
	require.Contains(t, named, false)
}

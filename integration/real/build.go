package real

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/oci"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/standin/cluster"
)

// Labels of our images.
const (
	labelLayer   = "com.dynatrace.oneagent.layer"
	labelVersion = "com.dynatrace.oneagent.version"
	labelConfig  = "com.dynatrace.oneagent.config"
)

// testBuild builds the image that most cases use.
func testBuild(t *testing.T, s *subject) {
	image := buildFor(t, s.t, s.request(""))
	require.Equal(t, s.agent.Version, image.labels(t)[labelVersion])
	s.image = image
}

// testNothingLeft looks for all that ties an agent to its environment, in all
// layers, documents and attestations, and in the exported cache.
func testNothingLeft(t *testing.T, s *subject) {
	cache := filepath.Join(t.TempDir(), "cache")
	r := s.request("")
	r.Args = append(r.Args, "--provenance=mode=max", "--cache-to", "type=local,mode=max,dest="+cache)
	image := build(t, r)
	// A search that finds nothing proves nothing: it finds this.
	planted := cluster.Secret{Name: "planted", Value: appSource[:40]}
	needles := search.NewNeedles(append(s.sentinels(), planted))
	found := map[string]int{}
	searched := map[string]bool{}
	for _, name := range []string{image.archive, cache} {
		layout, err := oci.Open(name)
		require.NoError(t, err)
		defer layout.Close()
		require.NoError(t, layout.EachBlob(func(desc ocispecs.Descriptor, content io.Reader) error {
			digest := desc.Digest.String()
			if digest != "" && searched[digest] {
				return nil
			}
			searched[digest] = true
			dt, err := io.ReadAll(content)
			search.Unpack(digest, dt, func(name string, dt []byte) {
				needles.In(dt, func(secret string) { found[secret]++ })
			})
			return err
		}))
	}
	require.NotZero(t, found[planted.Name], "control")
	delete(found, planted.Name)
	require.Empty(t, found)
	requireNone(t, s, image.output)
}

// requireNone fails if a text names the environment.
func requireNone(t testing.TB, s *subject, text string) {
	t.Helper()
	search.NewNeedles(s.sentinels()).In([]byte(text), func(name string) {
		// The API's address and the environment id are in no output either.
		t.Errorf("the %s is in the output", name)
	})
}

// verified is what is read of dt-verify's report.
type verified struct {
	Platforms []struct {
		By, Mode, Version, Flavor, Start string

		Instrumented bool
		Technologies []string
		Notes        []string
	}
	Leaks []struct{ Part, Path, Kind, Form string }
}

// verifyImage has dt-verify look for all values of the environment.
func (s *subject) verifyImage(t testing.TB, image string) (code int, v verified) {
	t.Helper()
	secrets := filepath.Join(t.TempDir(), "secrets")
	require.NoError(t, os.WriteFile(secrets, fmt.Appendf(nil, "DT_API_TOKEN=%s\nDT_TENANT=%s\nDT_TENANTTOKEN=%s\nDT_API_URL=%s\nDT_CONNECTION_POINT=%s\n",
		s.env.APIToken(), s.env.ID(), s.env.TenantToken(), s.env.APIURL(), strings.Join(s.env.Endpoints(), ";")), 0o600))
	cmd := exec.CommandContext(t.Context(), s.verify, "--format=json", "--secret-file", secrets, image)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	require.True(t, err == nil || errors.As(err, &exit), "%v", err)
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &v), "%s%s", &stdout, &stderr)
	requireNone(t, s, stdout.String()+stderr.String())
	return cmd.ProcessState.ExitCode(), v
}

func testVerify(t *testing.T, s *subject) {
	code, v := s.verifyImage(t, s.image.archive)
	require.Zero(t, code, "%+v", v)
	require.Empty(t, v.Leaks)
	require.Len(t, v.Platforms, 1)
	p := v.Platforms[0]
	require.True(t, p.Instrumented)
	require.Equal(t, "dt-frontend", p.By)
	require.Equal(t, "build", p.Mode)
	require.Equal(t, s.agent.Version, p.Version)
	require.Equal(t, "default", p.Flavor)
	require.Equal(t, "dt-start", p.Start)
	require.Contains(t, p.Technologies, "nodejs")
	require.Empty(t, p.Notes, "its labels are right")
}

// testZip: the zip holds the same agent, and comes out as the same layer.
func testZip(t *testing.T, s *subject) {
	image := build(t, s.request("installer=paas"))
	require.Equal(t, agentFiles(t, s.image), agentFiles(t, image))
	require.Equal(t, s.image.labels(t)[labelLayer], image.labels(t)[labelLayer])
}

// agentFiles describes all files of the agent in an image, by their paths.
func agentFiles(t testing.TB, i *image) map[string]string {
	t.Helper()
	files := map[string]string{}
	root := filepath.Join(i.unpack(t), "opt/dynatrace/oneagent")
	require.NoError(t, filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		var dt []byte
		if d.Type().IsRegular() {
			dt, err = os.ReadFile(name)
		}
		target, _ := os.Readlink(name) // empty for what is not a symlink
		st := info.Sys().(*syscall.Stat_t)
		rel, _ := filepath.Rel(root, name) // it lies there
		files[rel] = fmt.Sprintf("%s %d:%d %s %x", info.Mode(), st.Uid, st.Gid, target, sha256.Sum256(dt))
		return err
	}))
	require.NotEmpty(t, files)
	return files
}

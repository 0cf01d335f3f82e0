package cluster_test

import (
	"archive/zip"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/standin/cluster"
)

func TestHonestSkipMetadata(t *testing.T) {
	e := start(t).AddEnvironment()
	for _, version := range cluster.DefaultVersions {
		i, err := e.Installer(cluster.Spec{Version: version, SkipMetadata: true})
		require.NoError(t, err)
		require.Empty(t, i.Links)
		for path, content := range contents(t, install(t, i)) {
			for _, secret := range e.Secrets() {
				require.NotContains(t, content, secret.Value, "%s has the %s", path, secret.Name)
			}
		}
	}
}

func TestDocumentedLinks(t *testing.T) {
	s := start(t)
	for name, tc := range map[string]struct {
		e    *cluster.Environment
		spec cluster.Spec
		more []string
	}{
		"asked for":   {s.AddEnvironment(), cluster.Spec{}, nil},
		"ignored":     {s.AddEnvironment(cluster.WithIgnoredSkipMetadata()), cluster.Spec{SkipMetadata: true}, nil},
		"old version": {s.AddEnvironment(), cluster.Spec{Version: cluster.DefaultVersions[0]}, []string{"agent/conf/standalone.conf", "agent/config/container.conf", "agent/customkeys/custom.pem", "agent/customkeys/custom_proxy.pem", "ruxitagent.conf"}},
	} {
		t.Run(name, func(t *testing.T) {
			i, err := tc.e.Installer(tc.spec)
			require.NoError(t, err)
			date := strings.Split(i.Spec.Version, ".")[3][:8]
			want := append([]string{
				"agent/conf/ruxitagentproc.conf", "dynatrace-env.sh", "log/process/ruxitagentproc_" + date + ".log", "manifest.json",
			}, tc.more...)
			slices.Sort(want)
			files := contents(t, install(t, i))
			var linked []string
			for path, content := range files {
				if slices.ContainsFunc(tc.e.Secrets(), func(s cluster.Secret) bool { return strings.Contains(content, s.Value) }) {
					linked = append(linked, path)
				}
			}
			slices.Sort(linked)
			require.Equal(t, want, linked)
			for _, link := range i.Links {
				require.Equal(t, cluster.PlaceDocumented, link.Place)
				require.Contains(t, want, link.Path)
			}
		})
	}
}

// holds says whether a text has a value in an encoding.
func holds(text, value, encoding string) bool {
	for _, front := range []string{"", "x", "xy"} {
		v := front + value
		var want string
		switch encoding {
		case "plain":
			want = v
		case "base64":
			want = base64.StdEncoding.EncodeToString([]byte(v))
		case "base64url":
			want = base64.RawURLEncoding.EncodeToString([]byte(v))
		case "hex":
			want = hex.EncodeToString([]byte(v))
		case "upper-case hex":
			want = strings.ToUpper(hex.EncodeToString([]byte(v)))
		case "URL":
			want = url.QueryEscape(v)
		case "UTF-16LE":
			want = strings.Join(strings.Split(v, ""), "\x00") + "\x00"
		}
		if want != "" && strings.Contains(text, want) {
			return true
		}
	}
	return false
}

// unpacked is what is compressed in a file that contents returned.
func unpacked(t *testing.T, place cluster.Place, text string) string {
	t.Helper()
	switch place {
	case cluster.PlaceZip:
		_, text, _ = strings.Cut(text, "\x00")
		z, err := zip.NewReader(strings.NewReader(text), int64(len(text)))
		require.NoError(t, err)
		f, err := z.Open(z.File[0].Name)
		require.NoError(t, err)
		defer f.Close()
		b, err := io.ReadAll(f)
		require.NoError(t, err)
		return string(b)
	case cluster.PlaceGzip, cluster.PlaceTarGz, cluster.PlaceScript:
		_, text, found := strings.Cut(text, "\x1f\x8b")
		require.True(t, found)
		z, err := gzip.NewReader(strings.NewReader("\x1f\x8b" + text))
		require.NoError(t, err)
		b, err := io.ReadAll(z)
		require.NoError(t, err)
		return string(b)
	}
	return text
}

func TestOddPlaces(t *testing.T) {
	encodings := map[string]bool{}
	for seed := range int64(12) {
		s := cluster.New(cluster.Options{Seed: seed + 1, Logf: t.Logf})
		require.NoError(t, s.Start(""))
		e := s.AddEnvironment(cluster.WithOddPlaces())
		i, err := e.Installer(cluster.Spec{SkipMetadata: true, Include: []string{"go"}})
		require.NoError(t, err)
		require.Len(t, i.Links, len(cluster.Places))
		files := contents(t, install(t, i))
		values := append(e.Secrets(), cluster.Secret{Name: "API address", Value: e.APIURL()})
		for _, endpoint := range e.Endpoints() {
			values = append(values, cluster.Secret{Name: "endpoint", Value: endpoint})
		}
		for _, link := range i.Links {
			require.Contains(t, files, link.Path)
			require.True(t, slices.ContainsFunc(values, func(s cluster.Secret) bool {
				return s.Name == link.Name && holds(unpacked(t, link.Place, files[link.Path]), s.Value, link.Encoding)
			}), "seed %d: %+v", seed, link)
			encodings[link.Encoding] = true
		}
		require.NoError(t, s.Close())
	}
	require.Len(t, encodings, 7, "twelve seeds use each encoding")
}

func TestSeedRepeats(t *testing.T) {
	var links [][]cluster.Link
	for range 2 {
		s := cluster.New(cluster.Options{Seed: 42})
		require.NoError(t, s.Start(""))
		require.EqualValues(t, 42, s.Seed())
		e := s.AddEnvironment(cluster.WithOddPlaces(cluster.PlaceLog, cluster.PlaceConfig))
		i, err := e.Installer(cluster.Spec{SkipMetadata: true})
		require.NoError(t, err)
		links = append(links, i.Links)
		require.NoError(t, s.Close())
	}
	require.Equal(t, links[0], links[1])
	require.Len(t, links[0], 2)
}

// install runs an installer with a shell and returns the tree's root.
func install(t *testing.T, i cluster.Installer, shell ...string) string {
	t.Helper()
	prefix := t.TempDir()
	out, err := run(i.Path, prefix, shell...)
	require.NoError(t, err, "%s", out)
	require.Equal(t, "Installing to "+prefix+"\nUnpacking complete.\n", out)
	return filepath.Join(prefix, "dynatrace", "oneagent")
}

func run(script, prefix string, shell ...string) (string, error) {
	if len(shell) == 0 {
		shell = []string{"sh"}
	}
	cmd := exec.Command(shell[0], append(shell[1:], script, prefix)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// contents are all names, symlink targets and file contents of a tree, by path.
func contents(t *testing.T, root string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		switch d.Type() {
		case fs.ModeDir:
			all[rel] = rel
		case fs.ModeSymlink:
			target, err := os.Readlink(path)
			all[rel] = rel + "\x00" + target
			return err
		default:
			data, err := os.ReadFile(path)
			all[rel] = rel + "\x00" + string(data)
			return err
		}
		return nil
	}))
	return all
}

package tree

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func gzipped(t testing.TB, content string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(content))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func zipped(t testing.TB, name, content, comment string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateHeader(&zip.FileHeader{Name: name, Comment: comment, Method: zip.Deflate})
	require.NoError(t, err)
	_, err = f.Write([]byte(content))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func tarred(t testing.TB, name, content string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	require.NoError(t, w.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Mode: 0o644}))
	_, err := w.Write([]byte(content))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func TestCleanLooksIntoArchives(t *testing.T) {
	tests := map[string]struct {
		file func(t *testing.T, s *sample) string
		want string
	}{
		"gzip": {
			func(t *testing.T, s *sample) string { return gzipped(t, "x="+s.token) },
			"agent/x!content (tenant token, plain)",
		},
		"encoded in gzip": {
			func(t *testing.T, s *sample) string {
				return gzipped(t, base64.StdEncoding.EncodeToString([]byte(s.token)))
			},
			"agent/x!content (tenant token, base64)",
		},
		"zip": {
			func(t *testing.T, s *sample) string { return zipped(t, "dir/m", "see "+s.host, "") },
			"agent/x!dir/m (communication endpoint host, plain)",
		},
		"name in a zip": {
			func(t *testing.T, s *sample) string { return zipped(t, "dir/"+s.tenant+".txt", "", "") },
			"agent/x!dir/… (environment id, plain, in its name)",
		},
		"comment in a zip": {
			func(t *testing.T, s *sample) string { return zipped(t, "m", "", "for "+s.tenant) },
			"agent/x!m (comment) (environment id, plain)",
		},
		"tar": {
			func(t *testing.T, s *sample) string { return tarred(t, "dir/m", s.tenant) },
			"agent/x!dir/m (environment id, plain)",
		},
		"tar in gzip": {
			func(t *testing.T, s *sample) string { return gzipped(t, tarred(t, "dir/m", s.token)) },
			"agent/x!dir/m (tenant token, plain)",
		},
		"installer": {
			func(t *testing.T, s *sample) string {
				return "#!/bin/sh\nexit\n" + gzipped(t, tarred(t, "manifest.json", s.token))
			},
			"agent/x!manifest.json (tenant token, plain)",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newSample(t)
			s.write(t, "agent/x", tt.file(t, s), 0o644)
			_, err := s.clean(t)
			var leak *LeakError
			require.ErrorAs(t, err, &leak)
			require.ErrorContains(t, err, tt.want)
			for _, v := range []string{s.tenant, s.token, s.host} {
				require.NotContains(t, err.Error(), v)
			}
			told := map[LeakedValue]bool{}
			for _, v := range leak.Values {
				require.False(t, told[v], "once: %v", err)
				told[v] = true
				require.Equal(t, "agent/x", v.File)
			}
		})
	}
}

// TestCleanRefusesWhatItCannotLookInto: it might hold anything.
func TestCleanRefusesWhatItCannotLookInto(t *testing.T) {
	plain := zipped(t, "m", "content", "")
	encrypted := []byte(plain)
	encrypted[strings.Index(plain, "PK\x01\x02")+8] |= 1
	for name, tt := range map[string]struct{ file, want string }{
		"encrypted": {string(encrypted), "agent/x!m of the agent cannot be searched for what ties it to the environment: it is encrypted. No image was made. Pin another"},
		"damaged":   {gzipped(t, "some content")[:20], "agent/x!content of the agent cannot be searched for what ties it to the environment: it is damaged"},
		"bomb":      {gzipped(t, strings.Repeat("x", 128<<20)), "it holds too much (more than"},
		"zip bomb":  {zipped(t, "m", strings.Repeat("x", 128<<20), ""), "it holds too much (more than"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSample(t)
			s.write(t, "agent/x", tt.file, 0o644)
			_, err := s.clean(t)
			require.ErrorContains(t, err, tt.want)

			// What can be found says more.
			s = newSample(t)
			s.write(t, "agent/x", tt.file, 0o644)
			s.write(t, "agent/y", s.token, 0o644)
			_, err = s.clean(t)
			require.ErrorContains(t, err, "agent/y (tenant token, plain)")
		})
	}
}

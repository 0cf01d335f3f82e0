package tree

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/internal/scan"
	"github.com/stretchr/testify/require"
)

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

package tree

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

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
			"not valid JSON",
		},
		"damaged file": {
			func(t *testing.T, s *sample) { s.write(t, "agent/bin/x/tool", "#!/bin/sh\nother\n", 0o755) },
			"agent/bin/x/tool of the agent is not what its manifest.json says",
		},
		"value that stays in a script": {
			func(t *testing.T, s *sample) {
				s.write(t, "dynatrace-env.sh", "[ \"$DT_TENANT\" ] || DT_TENANT=qrs98765\n", 0o755)
			},
			"dynatrace-env.sh (environment id, plain)",
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
				var list strings.Builder
				for i := range 10_000 {
					fmt.Fprintf(&list, "https://%d.invalid;", i)
				}
				s.write(t, "agent/conf/standalone.conf", "server "+list.String()+"\n", 0o644)
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

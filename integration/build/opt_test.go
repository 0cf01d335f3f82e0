package build

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/stretchr/testify/require"
)

// odd are shapes of /opt that a merge would change, by what makes them in an
// image that has none. Each leads to a folder; see where.
var odd = map[string]struct{ run, where string }{
	"absolute symlink":       {"mkdir /data && ln -s /data /opt", "data"},
	"symlink out of root":    {"mkdir /data && ln -s ../../../data /opt", "data"},
	"symlink to a symlink":   {"mkdir /data && ln -s data /more && ln -s more /opt", "data"},
	"owner":                  {"mkdir /opt && chown 7:8 /opt", "opt"},
	"sticky":                 {"mkdir /opt && chmod 1777 /opt", "opt"},
	"setgid":                 {"mkdir /opt && chmod 2755 /opt", "opt"},
	"private":                {"mkdir /opt && chmod 0700 /opt", "opt"},
	"symlink below":          {"mkdir -p /opt /data/dynatrace && ln -s /data/dynatrace /opt/dynatrace", "data"},
	"owner below":            {"mkdir -p /opt/dynatrace && chown 7:8 /opt/dynatrace", "opt"},
	"symlink and a mode":     {"mkdir -m 0711 /data && ln -s data /opt", "data"},
	"symlink into a symlink": {"mkdir -p /deep/data && ln -s deep /short && ln -s short/data /opt", "deep/data"},
}

// shapeOf describes what an image has where the agent goes, apart from the agent.
func shapeOf(t *testing.T, root string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, name := range []string{"opt", "opt/dynatrace", "data", "data/dynatrace", "more", "short", "deep", "deep/data"} {
		st, err := os.Lstat(filepath.Join(root, name))
		if err != nil {
			continue
		}
		target, _ := os.Readlink(filepath.Join(root, name))
		owner := st.Sys().(*syscall.Stat_t)
		out[name] = strings.Join([]string{st.Mode().String(), target, string(rune('0' + owner.Uid)), string(rune('0' + owner.Gid))}, " ")
	}
	return out
}

// An image's /opt stays as it is, however odd, and the agent lies where it leads,
// from a base image as well as from a step.
func TestOpt_OddOneIsKept(t *testing.T) {
	env := tenant.New(t)
	for name, tt := range odd {
		t.Run(name, func(t *testing.T) {
			dockerfile := "FROM busybox:1.37-musl\nRUN export PATH=/bin; busybox --install /bin && " + tt.run + "\n"
			plain := buildx.Build(t, buildx.Request{Dockerfile: dockerfile})
			r := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\n" + dockerfile, Secrets: tenant.Secrets(env)})
			require.Contains(t, r.Output, "the agent is copied into the image for linux/amd64")
			root := r.Unpack(t)
			want, got := shapeOf(t, plain.Unpack(t)), shapeOf(t, root)
			for at, shape := range want {
				require.Equal(t, shape, got[at], at)
			}
			require.FileExists(t, filepath.Join(root, tt.where, "dynatrace/dt-start"))
			require.FileExists(t, filepath.Join(root, tt.where, "dynatrace/oneagent/agent/lib64/liboneagentproc.so"))
		})
	}
}

// What cannot hold an agent is said.
func TestOpt_IsAFile(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Fails(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nRUN echo >/opt\n", Secrets: tenant.Secrets(env)})
	require.Contains(t, buildx.LastError(t, r), "/opt in the image is a file")
	require.Contains(t, r.Output, ">>> # syntax=")
}

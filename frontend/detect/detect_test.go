package detect

import (
	"context"
	"errors"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
	"github.com/tonistiigi/fsutil/types"
)

// tree is a root file system in a folder, listed as the gateway lists one.
type tree string

func newTree(t *testing.T, files ...string) tree {
	t.Helper()
	root := t.TempDir()
	for _, f := range files {
		name, target, link := strings.Cut(f, " -> ")
		p := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(p), 0o755))
		if link {
			require.NoError(t, os.Symlink(target, p))
		} else {
			require.NoError(t, os.WriteFile(p, nil, 0o755))
		}
	}
	return tree(root)
}

func (r tree) ReadDir(_ context.Context, req client.ReadDirRequest) ([]*types.Stat, error) {
	root, err := os.OpenRoot(string(r))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	dir := r.resolve(req.Path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, errors.New("no such folder, or another error: who knows")
	}
	var out []*types.Stat
	for _, e := range entries {
		if ok, _ := path.Match(req.IncludePattern, e.Name()); req.IncludePattern != "" && !ok {
			continue
		}
		st, err := e.Info()
		if err != nil {
			return nil, err
		}
		link, _ := os.Readlink(filepath.Join(dir, e.Name()))
		out = append(out, &types.Stat{Path: e.Name(), Mode: uint32(st.Mode()), Linkname: link})
	}
	return out, nil
}

// resolve follows symlinks within the tree; the tests have no loop that it is
// asked to follow.
func (r tree) resolve(name string) string {
	at := string(r)
	for part := range strings.SplitSeq(strings.Trim(name, "/"), "/") {
		next := filepath.Join(at, part)
		if link, err := os.Readlink(next); err == nil {
			if filepath.IsAbs(link) {
				next = r.resolve(link)
			} else {
				next = r.resolve(strings.TrimPrefix(filepath.Join(at, link), string(r)))
			}
		}
		at = next
	}
	return at
}

func TestFindLibc(t *testing.T) {
	tests := map[string]struct {
		files  []string
		arch   agent.Arch
		flavor agent.Flavor
		store  string
	}{
		"glibc":              {[]string{"lib64/ld-linux-x86-64.so.2"}, agent.ArchX86, "default", ""},
		"usr-merged":         {[]string{"usr/lib64/ld-linux-x86-64.so.2", "lib64 -> usr/lib64"}, agent.ArchX86, "default", ""},
		"merged, absolute":   {[]string{"usr/lib64/ld-linux-x86-64.so.2", "lib64 -> /usr/lib64"}, agent.ArchX86, "default", ""},
		"musl":               {[]string{"lib/ld-musl-x86_64.so.1"}, agent.ArchX86, "musl", ""},
		"both":               {[]string{"lib/ld-musl-x86_64.so.1", "lib64/ld-linux-x86-64.so.2"}, agent.ArchX86, "multidistro", ""},
		"gcompat":            {[]string{"lib/ld-musl-x86_64.so.1", "lib64/ld-linux-x86-64.so.2", "lib/libgcompat.so.0"}, agent.ArchX86, "musl", ""},
		"arm64":              {[]string{"lib/ld-linux-aarch64.so.1"}, agent.ArchARM, "default", ""},
		"ppc64le":            {[]string{"usr/lib64/ld64.so.2", "lib64 -> usr/lib64"}, agent.ArchPPCLE, "default", ""},
		"s390x":              {[]string{"lib/ld64.so.1"}, agent.ArchS390, "default", ""},
		"another's":          {[]string{"lib/ld-linux-aarch64.so.1"}, agent.ArchX86, "", ""},
		"static":             {[]string{"app"}, agent.ArchX86, "", ""},
		"empty":              {nil, agent.ArchX86, "", ""},
		"Nix":                {[]string{"nix/store/x-glibc/lib/ld-linux-x86-64.so.2"}, agent.ArchX86, "", "/nix/store"},
		"dangling":           {[]string{"lib64 -> usr/lib64"}, agent.ArchX86, "", ""},
		"a file for a place": {[]string{"lib64"}, agent.ArchX86, "", ""},
		"a loop":             {[]string{"lib64 -> lib64"}, agent.ArchX86, "", ""},
		"a deep loop":        {[]string{"lib64 -> lib/x", "lib -> lib64/y"}, agent.ArchX86, "", ""},
		"a chain":            {[]string{"lib64 -> usr/lib64", "usr/lib64 -> lib", "usr/lib/ld-linux-x86-64.so.2"}, agent.ArchX86, "default", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := FindLibc(t.Context(), newTree(t, tt.files...), tt.arch)
			require.NoError(t, err)
			require.Equal(t, tt.flavor, got.Flavor())
			require.Equal(t, tt.store, got.Elsewhere)
		})
	}
}

func TestTechnologies(t *testing.T) {
	env := []string{"A=b", "PATH=/usr/local/bin:/usr/bin:relative:/usr/bin", "PATHS=/x"}
	tests := map[string]struct {
		files []string
		want  []string
	}{
		"none":     {[]string{"usr/bin/ls", "bin/node"}, nil},
		"node":     {[]string{"usr/local/bin/node", "usr/local/bin/nodejs -> node"}, []string{"nodejs"}},
		"several":  {[]string{"usr/bin/nginx", "usr/bin/php8.2", "usr/bin/java -> /etc/alternatives/java"}, []string{"java", "nginx", "php"}},
		"places":   {[]string{"usr/lib/jvm/java-17/bin/java", "usr/share/dotnet/dotnet"}, []string{"dotnet", "java"}},
		"likeness": {[]string{"usr/bin/nodemon", "usr/bin/javac", "usr/bin/phpize"}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Technologies(t.Context(), newTree(t, tt.files...), env)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

package detect

import (
	"context"
	"errors"
	"testing"

	"github.com/moby/buildkit/frontend/gateway/client"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
	"github.com/tonistiigi/fsutil/types"
)

var errGone = errors.New("the builder is gone")

// dying are files that cannot be read any more from one request on, or only
// that once.
type dying struct {
	Files
	left int
	once bool
	hit  bool
}

func (d *dying) ReadDir(ctx context.Context, req client.ReadDirRequest) ([]*types.Stat, error) {
	if d.left--; d.left == -1 || d.left < 0 && !d.once {
		d.hit = true
		return nil, errGone
	}
	return d.Files.ReadDir(ctx, req)
}

// failsWherever checks that look fails with whichever request it is that the
// builder does not answer any more.
func failsWherever(t *testing.T, files Files, once bool, look func(Files) error) {
	t.Helper()
	for n := 0; ; n++ {
		d := &dying{Files: files, left: n, once: once}
		err := look(d)
		if !d.hit {
			require.NoError(t, err)
			require.Positive(t, n)
			return
		}
		require.ErrorIs(t, err, errGone, "request %d", n)
	}
}

func TestFindLibc_FailsWithTheBuilder(t *testing.T) {
	for name, files := range map[string][]string{
		"nothing":    {"app"},
		"glibc":      {"lib64/ld-linux-x86-64.so.2"},
		"both":       {"lib/ld-musl-x86_64.so.1", "lib64/ld-linux-x86-64.so.2"},
		"of a store": {"nix/store/x", "gnu/store/x"},
	} {
		t.Run(name, func(t *testing.T) {
			failsWherever(t, newTree(t, files...), true, func(f Files) error {
				got, err := FindLibc(t.Context(), f, agent.ArchX86)
				if err != nil {
					require.Empty(t, got.Flavor())
				}
				return err
			})
		})
	}
}

func TestTechnologies_FailWithTheBuilder(t *testing.T) {
	files := newTree(t, "usr/bin/nginx", "srv/app/java", "srv/app/node")
	cfg := ocispecs.ImageConfig{Env: []string{"PATH=/usr/bin"}, WorkingDir: "/srv/other", Cmd: []string{"/srv/app/java", "/srv/app/node"}}
	failsWherever(t, files, false, func(f Files) error {
		got, err := Technologies(t.Context(), f, cfg)
		if err == nil {
			require.Equal(t, []string{"java", "nginx", "nodejs"}, got)
		}
		return err
	})
}

// A directory that cannot be listed counts as empty. When the build is cancelled,
// the search ends with an error.
func TestTechnologies_EndWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, dir := range []string{"/usr/bin", "/opt/*/bin"} {
		err := inFolders(ctx, &dying{}, dir, map[string]bool{})
		require.Error(t, err, dir)
	}
	for _, ctx := range []context.Context{ctx, t.Context()} {
		_, err := candidates(ctx, &dying{}, "/usr/bin")
		require.ErrorIs(t, err, errGone)
	}
}

func TestTechnologies_FindAVariablesFolder(t *testing.T) {
	for variable, file := range map[string]string{
		"JRE_HOME=/a[b]*":    "a[b]*/bin/java",
		"NODE_HOME=/node":    "node/bin/node",
		"DOTNET_ROOT=/net":   "net/dotnet",
		"HTTPD_PREFIX=/http": "http/bin/httpd",
		`JAVA_HOME=/a\b?`:    `a\b?/bin/java`,
	} {
		got, err := Technologies(t.Context(), newTree(t, file), ocispecs.ImageConfig{Env: []string{variable}})
		require.NoError(t, err)
		require.Len(t, got, 1, variable)
	}
}

// Where vendors and distributions put programs that are not on PATH.
func TestTechnologies_FindTheUsualPlaces(t *testing.T) {
	for file, want := range map[string]string{
		"usr/java/jdk-17/bin/java":                      "java",
		"opt/java/openjdk/bin/java":                     "java",
		"usr/local/openjdk-17/bin/java":                 "java",
		"usr/lib64/dotnet/dotnet":                       "dotnet",
		"usr/local/share/dotnet/dotnet":                 "dotnet",
		"root/.dotnet/dotnet":                           "dotnet",
		"opt/dotnet/dotnet":                             "dotnet",
		"usr/share/dotnet/dotnet":                       "dotnet",
		"nodejs/bin/node":                               "nodejs",
		"usr/local/lib/nodejs/node-v22/bin/node":        "nodejs",
		"usr/local/nvm/versions/node/v22/bin/node":      "nodejs",
		"root/.nvm/versions/node/v22/bin/node":          "nodejs",
		"usr/local/nginx/sbin/nginx":                    "nginx",
		"usr/local/apache2/bin/httpd":                   "apache",
		"opt/nginx/sbin/nginx":                          "nginx",
		"opt/bitnami/nginx/sbin/nginx":                  "nginx",
		"opt/bitnami/node/bin/node":                     "nodejs",
		"opt/php/bin/php":                               "php",
		"usr/lib64/jvm/jre-17/bin/java":                 "java",
		"usr/lib64/graalvm/graalvm-java21/bin/java":     "java",
		"usr/local/openresty/nginx/sbin/nginx":          "nginx",
		"usr/lib/dotnet/dotnet":                         "dotnet",
		"usr/lib/jvm/java-17-openjdk-amd64/bin/java":    "java",
		"usr/lib/jvm/java-8-openjdk-amd64/jre/bin/java": "java",
	} {
		got, err := Technologies(t.Context(), newTree(t, file), ocispecs.ImageConfig{Env: []string{"PATH=/none"}})
		require.NoError(t, err)
		require.Equal(t, []string{want}, got, file)
	}
}

func TestTechnologyOf_KnowsEachName(t *testing.T) {
	for name, want := range map[string]string{
		"java": "java", "node": "nodejs", "nodejs": "nodejs", "nginx": "nginx", "httpd": "apache", "apache2": "apache", "php": "php",
		"php-cgi": "php", "php-fpm": "php", "dotnet": "dotnet", "php8.1": "php", "node-20": "nodejs", "php-fpm-9": "php", "java-": "java",
		"-": "", "8": "", "javac": "", "node--1": "",
	} {
		require.Equal(t, want, technologyOf(name), name)
	}
}

func TestIsProgram_TakesNoMultiCallProgram(t *testing.T) {
	files := newTree(t, "bin/busybox", "bin/toybox", "bin/httpd -> toybox", "bin/nginx -> busybox", "bin/php", "bin/node -")
	for name, want := range map[string]bool{"/bin/httpd": false, "/bin/nginx": false, "/bin/php": true, "/bin/node": false, "/bin": false} {
		got, err := isProgram(t.Context(), files, name)
		require.NoError(t, err)
		require.Equal(t, want, got, name)
	}
}

package build

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/solver"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/stretchr/testify/require"
)

// appWithFile is an app that needs its context.
const appWithFile = "# syntax=SYNTAX\n# dynatrace=include=java\nFROM busybox:1.37-musl\nCOPY greeting /\nENTRYPOINT [\"true\"]\n"

// requireApp fails unless r is an image of appWithFile.
func requireApp(t *testing.T, r buildx.Result, mark string) {
	t.Helper()
	inspect.RequireInstrumented(t, r, mark, "true")
	require.Equal(t, "java", r.Image(t).Config.Config.Labels["com.dynatrace.oneagent.technologies"], "the directive counts")
	dt, err := os.ReadFile(filepath.Join(r.Unpack(t), "greeting"))
	require.NoError(t, err)
	require.Equal(t, "hello", string(dt))
}

func TestContext_Remote(t *testing.T) {
	env := tenant.New(t)
	files := map[string]string{"Dockerfile": buildx.Named(t, appWithFile), "greeting": "hello"}
	srv := httptest.NewServer(served(t, files))
	t.Cleanup(srv.Close)
	for name, context := range map[string]string{
		"archive": "/app.tar.gz",
		"git":     "/app.git#main:sub",
	} {
		t.Run(name, func(t *testing.T) {
			requireApp(t, buildx.Build(t, buildx.Request{Context: srv.URL + context, Secrets: tenant.Secrets(env)}), env.Marker())
		})
	}
	t.Run("Dockerfile alone", func(t *testing.T) {
		r := buildx.Build(t, buildx.Request{Context: srv.URL + "/Dockerfile", Secrets: tenant.Secrets(env)})
		inspect.RequireInstrumented(t, r, env.Marker(), "echo")
	})
	t.Run("mistakes are marked", func(t *testing.T) {
		r := buildx.Fails(t, buildx.Request{Context: srv.URL + "/wrong", Secrets: tenant.Secrets(env)})
		require.Contains(t, r.Output, ">>> # dynatrace=mod=off")
		require.Contains(t, buildx.LastError(t, r), "did you mean mode?")
	})
}

// served serves an app as an archive and as a git repository, and Dockerfiles
// that need no context.
func served(t *testing.T, files map[string]string) http.Handler {
	t.Helper()
	mux := http.NewServeMux()
	text := func(path, content string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(content)) })
	}
	text("/app.tar.gz", targz(t, files))
	text("/Dockerfile", buildx.Named(t, "# syntax=SYNTAX\nFROM busybox:1.37-musl\nENTRYPOINT [\"echo\"]\n"))
	text("/wrong", buildx.Named(t, "# syntax=SYNTAX\n# dynatrace=mod=off\nFROM busybox:1.37-musl\n"))

	root := t.TempDir()
	repository(t, filepath.Join(root, "app.git"), "sub", files)
	git, err := testenv.Command(t, nil, "git", "--exec-path")
	require.NoError(t, err)
	mux.Handle("/app.git/", &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(git), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1"},
	})
	return mux
}

func targz(t *testing.T, files map[string]string) string {
	t.Helper()
	var out bytes.Buffer
	zw := gzip.NewWriter(&out)
	tw := tar.NewWriter(zw)
	for name, text := range files {
		require.NoError(t, tw.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text))}))
		_, err := tw.Write([]byte(text))
		require.NoError(t, err)
	}
	require.NoError(t, tw.Close())
	require.NoError(t, zw.Close())
	return out.String()
}

// repository makes a bare repository at dir, with files in a folder of its
// branch main.
func repository(t *testing.T, dir, folder string, files map[string]string) {
	t.Helper()
	work := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(work, folder), 0o755))
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(work, folder, name), []byte(text), 0o644))
	}
	for _, args := range [][]string{
		{"-C", work, "init", "-q", "-b", "main"},
		{"-C", work, "add", "."},
		{"-C", work, "-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "-q", "-m", "app"},
		{"clone", "-q", "--bare", work, dir},
	} {
		out, err := testenv.Command(t, nil, "git", args...)
		require.NoError(t, err, out)
	}
}

// Contexts that the Dockerfile names are the app's as ever.
func TestContext_Named(t *testing.T) {
	env := tenant.New(t)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "greeting"), []byte("hello"), 0o644))
	r := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\n# dynatrace=include=java\nFROM base\nCOPY --from=files greeting /\nENTRYPOINT [\"true\"]\n",
		Secrets:    tenant.Secrets(env),
		Args: []string{
			"--build-context=base=docker-image://busybox:1.37-musl", "--build-context=files=" + dir,
		},
	})
	requireApp(t, r, env.Marker())
}

// A program hands Dockerfile and context in as build graphs, by way of the
// frontend itself or of the one that is built into BuildKit.
func TestContext_FrontendInputs(t *testing.T) {
	env := tenant.New(t)
	for name, attrs := range map[string]map[string]string{
		"gateway.v0":    {"source": testenv.Frontend(t)},
		"dockerfile.v0": {},
	} {
		t.Run(name, func(t *testing.T) {
			r := solver.Request{
				Frontend: name,
				Attrs:    attrs,
				Inputs: map[string]llb.State{
					"dockerfile": solver.TextFile("Dockerfile", buildx.Named(t, appWithFile)),
					"context":    solver.TextFile("greeting", "hello"),
				},
				Secrets: tenant.Secrets(env),
			}.Run(t)
			requireApp(t, r, env.Marker())
		})
	}
}

// However the frontend is asked for, it is asked for once: a syntax line that
// names it as well neither runs another one nor goes unheard.
func TestSyntax_TheFrontendRunsOnce(t *testing.T) {
	env := tenant.New(t)
	const app = "FROM busybox:1.37-musl\nENTRYPOINT [\"true\"]\n"
	for name, tt := range map[string]struct {
		line  string
		heard bool // what follows the image in it
	}{
		"no syntax line": {"", false},
		"its own":        {"# syntax=SYNTAX include=java\n", true},
		"another's":      {"# syntax=docker/dockerfile:1 include=java\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			r := solver.Request{
				Frontend: "gateway.v0",
				Attrs:    map[string]string{"source": testenv.Frontend(t)},
				Inputs:   map[string]llb.State{"dockerfile": solver.TextFile("Dockerfile", buildx.Named(t, tt.line+app))},
				Secrets:  tenant.Secrets(env),
			}.Run(t)
			inspect.RequireInstrumented(t, r, env.Marker(), "true")
			require.Equal(t, tt.heard, r.Image(t).Config.Config.Labels["com.dynatrace.oneagent.technologies"] == "java")
		})
		t.Run("BUILDKIT_SYNTAX and "+name, func(t *testing.T) {
			r := buildx.Build(t, buildx.Request{
				Dockerfile: tt.line + app,
				Secrets:    tenant.Secrets(env),
				Args:       []string{"--build-arg=BUILDKIT_SYNTAX=" + testenv.Frontend(t) + " include=nginx"},
			})
			inspect.RequireInstrumented(t, r, env.Marker(), "true")
			require.Equal(t, "nginx", r.Image(t).Config.Config.Labels["com.dynatrace.oneagent.technologies"])
		})
	}
}

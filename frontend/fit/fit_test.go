package fit

import (
	"context"
	"errors"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/app"
	"github.com/org/dt-frontend/frontend/detect"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/solve"
	"github.com/org/dt-frontend/frontend/task"
	"github.com/stretchr/testify/require"
	"github.com/tonistiigi/fsutil/types"
)

// files are the executable files of an image, without symlinks.
type files struct {
	client.Reference
	names []string
}

func (f *files) ReadDir(_ context.Context, req client.ReadDirRequest) ([]*types.Stat, error) {
	found := map[string]*types.Stat{}
	for _, name := range f.names {
		rest, ok := strings.CutPrefix("/"+name, path.Join(req.Path, "/")+"/")
		if req.Path == "/" {
			rest, ok = name, true
		}
		if base, below, isDir := strings.Cut(rest, "/"); ok {
			st := &types.Stat{Path: base, Mode: 0o755}
			if isDir && below != "" {
				st.Mode = uint32(os.ModeDir | 0o755)
			}
			found[base] = st
		}
	}
	var out []*types.Stat
	for _, st := range found {
		out = append(out, st)
	}
	return out, nil
}

// builder has the base image.
type builder struct {
	client.Client
	base client.Reference
	err  error
}

func (b builder) Solve(context.Context, client.SolveRequest) (*client.Result, error) {
	res := client.NewResult()
	res.SetRef(b.base)
	return res, b.err
}

// finder looks at an app of a base image with files, that is built with files; an
// error is that of the build.
func finder(b builder, built detect.Files, err error) (*Finder, *[]string) {
	said := &[]string{}
	src := &dockerui.Source{
		SourceMap: llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", nil),
		Warn:      func(_ context.Context, text string, _ client.WarnOpts) { *said = append(*said, text) },
	}
	a := &app.App{
		Result: &dockerfile2llb.Result{State: llb.Image("example.invalid/base").Run(llb.Args([]string{"x"})).Root(), Image: &dockerspec.DockerOCIImage{}},
		Built:  task.Begin(func() (detect.Files, error) { return built, err }),
	}
	return &Finder{
		Solver: solve.Solver{Client: b}, Warnings: notice.NewWarnings(src, nil, 1), App: a, Target: ocispecs.Platform{OS: "linux", Architecture: "amd64"},
	}, said
}

const glibc, musl = "lib64/ld-linux-x86-64.so.2", "lib/ld-musl-x86_64.so.1"

func TestFlavor_GoesByTheBaseAndThenByTheApp(t *testing.T) {
	for name, tt := range map[string]struct {
		base, built []string
		want        string
		says        string
	}{
		"the base":       {[]string{musl}, nil, "musl", ""},
		"the base alone": {[]string{musl}, []string{musl, glibc}, "musl", "flavor musl, and only programs linked against that library are monitored; say flavor=multidistro"},
		"the app":        {[]string{"a"}, []string{"a", musl}, "musl", ""},
		"neither":        {[]string{"a"}, []string{"a"}, "default", "has no loader of glibc or musl"},
	} {
		f, said := finder(builder{base: &files{names: tt.base}}, &files{names: tt.built}, nil)
		got, err := f.Flavor(t.Context(), "x86")
		require.NoError(t, err, name)
		require.Equal(t, tt.want, string(got), name)
		require.NoError(t, f.CompareLibc(t.Context()), name)
		require.Equal(t, tt.says != "", len(*said) == 1, "%s: %s", name, *said)
		require.Contains(t, strings.Join(*said, ""), tt.says, name)
	}
	f, _ := finder(builder{base: &files{}}, &files{names: []string{"gnu/store/x"}}, nil)
	_, err := f.Flavor(t.Context(), "x86")
	require.ErrorContains(t, err, "cannot tell the C library of the image for linux/amd64: its loaders lie below /gnu/store")
}

func TestFinder_FailsWithTheBuild(t *testing.T) {
	broken := errors.New("the app fails")
	f, _ := finder(builder{base: &files{}}, nil, broken)
	_, err := f.Flavor(t.Context(), "x86")
	require.ErrorIs(t, err, broken)
	_, err = f.Technologies(t.Context())
	require.ErrorIs(t, err, broken)
	f.guessed = "musl"
	require.ErrorIs(t, f.CompareLibc(t.Context()), broken)
	f, _ = finder(builder{err: broken}, &files{names: []string{glibc}}, nil)
	_, err = f.Flavor(t.Context(), "x86")
	require.ErrorIs(t, err, broken, "the base")
}

func TestFinder_TakesAnEmptyImage(t *testing.T) {
	f, said := finder(builder{base: &files{}}, nil, nil)
	flavor, err := f.Flavor(t.Context(), "x86")
	require.NoError(t, err)
	require.Equal(t, "default", string(flavor))
	technologies, err := f.Technologies(t.Context())
	require.NoError(t, err)
	require.True(t, technologies.All())
	require.Len(t, *said, 2)
	f.guessed = "musl"
	require.NoError(t, f.CompareLibc(t.Context()))
	require.Len(t, *said, 2)
}

func TestTechnologies_AreThoseOfTheApp(t *testing.T) {
	f, said := finder(builder{}, &files{names: []string{"usr/bin/java", "srv/node"}}, nil)
	f.App.Image.Config.Cmd = []string{"/srv/node"}
	got, err := f.Technologies(t.Context())
	require.NoError(t, err)
	require.Equal(t, "java,nodejs", got.String())
	require.Empty(t, *said)
}

package app

import (
	"context"
	"errors"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/gateway/client"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/frontend/solve"
	"github.com/stretchr/testify/require"
	"github.com/tonistiigi/fsutil/types"
)

func TestMakesAgentImage_IsForNothingElse(t *testing.T) {
	file := llb.Scratch().File(llb.Mkdir("/a", 0o755))
	for name, tt := range map[string]struct {
		state           llb.State
		flavor          string
		entrypoint, cmd []string
		want            bool
	}{
		"nothing":       {llb.Scratch(), "flavor=musl", nil, nil, true},
		"a file":        {file, "flavor=musl", nil, nil, false},
		"no flavor":     {llb.Scratch(), "", nil, nil, false},
		"an entrypoint": {llb.Scratch(), "flavor=musl", []string{"/a"}, nil, false},
		"a command":     {llb.Scratch(), "flavor=musl", nil, []string{"/a"}, false},
	} {
		var o option.Options
		require.NoError(t, option.Parse(tt.flavor, &o))
		a := &App{Result: &dockerfile2llb.Result{State: tt.state, Image: &dockerspec.DockerOCIImage{}}}
		a.Image.Config.Entrypoint, a.Image.Config.Cmd = tt.entrypoint, tt.cmd
		require.Equal(t, tt.want, a.MakesAgentImage(o), name)
	}
}

func TestPlatformOfFiles_IsThatOfTheBaseImage(t *testing.T) {
	linux := func(arch string) ocispecs.Platform { return ocispecs.Platform{OS: "linux", Architecture: arch} }
	for name, tt := range map[string]struct {
		base        *ocispecs.Platform
		asked, want string
	}{
		"no base":             {nil, "amd64", "amd64"},
		"the same":            {new(linux("amd64")), "amd64", "amd64"},
		"another":             {new(linux("arm64")), "amd64", "arm64"},
		"without an agent":    {new(linux("riscv64")), "amd64", "amd64"},
		"of another system":   {&ocispecs.Platform{OS: "windows", Architecture: "arm64"}, "amd64", "amd64"},
		"for none that works": {new(linux("arm64")), "riscv64", "riscv64"},
	} {
		a := &App{Result: &dockerfile2llb.Result{}}
		if tt.base != nil {
			a.BaseImage = &dockerspec.DockerOCIImage{Image: ocispecs.Image{Platform: *tt.base}}
		}
		require.Equal(t, tt.want, a.PlatformOfFiles(linux(tt.asked)).Architecture, name)
	}
}

// listing is a result, and how often it was looked into.
type listing struct {
	client.Reference
	n int
}

func (l *listing) ReadDir(context.Context, client.ReadDirRequest) ([]*types.Stat, error) {
	l.n++
	return nil, nil
}

func TestFiles_AreLookedIntoOnce(t *testing.T) {
	l := &listing{}
	files, err := Files(l, nil)
	require.NoError(t, err)
	for range 2 {
		_, err := files.ReadDir(t.Context(), client.ReadDirRequest{Path: "/"})
		require.NoError(t, err)
	}
	require.Equal(t, 1, l.n)
	files, err = Files(nil, nil)
	require.NoError(t, err)
	require.Nil(t, files, "an empty image")
	broken := errors.New("the app fails")
	files, err = Files(l, broken)
	require.ErrorIs(t, err, broken)
	require.Nil(t, files)
}

// builder fails each build that is evaluated.
type builder struct {
	client.Client
	err error
}

func (b builder) Solve(_ context.Context, req client.SolveRequest) (*client.Result, error) {
	if !req.Evaluate {
		return nil, errors.New("nobody waits for it")
	}
	return client.NewResult(), b.err
}

func TestBegin_BuildsTheAppAtOnce(t *testing.T) {
	broken := errors.New("the app fails")
	for _, want := range []error{nil, broken} {
		a := &App{Result: &dockerfile2llb.Result{State: llb.Scratch().File(llb.Mkdir("/a", 0o755))}}
		a.Begin(t.Context(), solve.Solver{Client: builder{err: want}})
		_, err := a.Built.Wait(t.Context())
		require.Equal(t, want, err)
	}
}

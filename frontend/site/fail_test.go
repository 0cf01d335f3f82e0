package site

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
	"github.com/tonistiigi/fsutil/types"
)

var errGone = errors.New("the builder is gone")

// dying is an app that cannot be looked into once.
type dying struct {
	folder
	left int
	hit  bool
}

func (d *dying) ReadDir(ctx context.Context, req client.ReadDirRequest) ([]*types.Stat, error) {
	if d.left--; d.left == -1 {
		d.hit = true
		return nil, errGone
	}
	return d.folder.ReadDir(ctx, req)
}

// failsWherever checks that look fails with whichever request it is that the
// builder does not answer.
func failsWherever(t *testing.T, app folder, look func(*dying) error) {
	t.Helper()
	for n := 0; ; n++ {
		d := &dying{folder: app, left: n}
		err := look(d)
		if !d.hit {
			require.NoError(t, err)
			require.Positive(t, n)
			return
		}
		require.ErrorIs(t, err, errGone, "request %d", n)
	}
}

func TestLook_FailsWithTheBuilder(t *testing.T) {
	app := withAgent()
	dir := func(name string) *types.Stat { return &types.Stat{Path: name, Mode: uint32(os.ModeDir | 0o755)} }
	app.entries["/"] = append(app.entries["/"], dir("tmp"), dir("var"))
	app.entries["/tmp"] = []*types.Stat{dir("ruxit")}
	app.entries["/tmp/ruxit"] = []*types.Stat{dir("x")}
	failsWherever(t, app, func(d *dying) error {
		at, err := Look(t.Context(), d)
		if err == nil {
			require.Equal(t, Sites{Agent: Site{Occupied: true}, Leftovers: []string{"/tmp/ruxit"}}, at)
		}
		return err
	})
}

func TestIsPristine_FailsWithTheBuilder(t *testing.T) {
	failsWherever(t, withAgent(), func(d *dying) error {
		got, err := IsPristine(t.Context(), d, agent.Installed{Files: 2})
		require.Equal(t, err == nil, got)
		return err
	})
}

func TestIsPristine_CountsAsManyFilesAsThereAre(t *testing.T) {
	for files, want := range map[int]bool{1: true, 2: true, 3: false} {
		got, err := IsPristine(t.Context(), withAgent(), agent.Installed{Files: files})
		require.NoError(t, err)
		require.Equal(t, want, got, files)
	}
}

func TestIsPristine_SeesAFileOfAnotherGroup(t *testing.T) {
	app := withAgent()
	app.entries["/opt/dynatrace/oneagent/agent"][0].Gid = 1
	got, err := IsPristine(t.Context(), app, agent.Installed{})
	require.NoError(t, err)
	require.False(t, got)
}

// The first directory that is odd is the one to tell of.
func TestLook_NamesTheHighestOddDirectory(t *testing.T) {
	odd := func(name string, bits os.FileMode) *types.Stat {
		return &types.Stat{Path: name, Mode: uint32(os.ModeDir | bits)}
	}
	for _, bits := range []os.FileMode{0o777, os.ModeSetuid | 0o755, os.ModeSetgid | 0o755, os.ModeSticky | 0o755} {
		app := folder{entries: map[string][]*types.Stat{
			"/": {odd("opt", bits)}, "/opt": {odd("dynatrace", 0o700)}, "/opt/dynatrace": {odd("dt-start", 0o755)},
		}}
		at, err := Look(t.Context(), app)
		require.NoError(t, err)
		require.Equal(t, Site{Odd: "/opt", Occupied: true}, at.Agent)
	}
}

func TestLook_SaysThatAFileIsInTheWay(t *testing.T) {
	app := folder{entries: map[string][]*types.Stat{"/": {{Path: "opt", Mode: uint32(os.ModeDir | 0o755)}}, "/opt": {{Path: "dynatrace", Mode: 0o755}}}}
	at, err := Look(t.Context(), app)
	require.EqualError(t, err, "dynatrace: /opt/dynatrace in the image is a file; OneAgent lies in /opt/dynatrace, so it must be a directory")
	require.Equal(t, "/opt/dynatrace", at.Agent.Blocked)
}

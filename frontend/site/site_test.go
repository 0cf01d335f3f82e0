package site

import (
	"context"
	"os"
	"testing"

	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/stretchr/testify/require"
	"github.com/tonistiigi/fsutil/types"
)

// folder is a reference that lists entries.
type folder struct {
	client.Reference
	entries map[string][]*types.Stat
}

func (f folder) ReadDir(_ context.Context, req client.ReadDirRequest) ([]*types.Stat, error) {
	return f.entries[req.Path], nil
}

func TestLookAt(t *testing.T) {
	dir := func(perm os.FileMode) *types.Stat {
		return &types.Stat{Path: "opt", Mode: uint32(os.ModeDir | perm)}
	}
	owned := dir(0o755)
	owned.Uid = 7
	tests := map[string]struct {
		opt  *types.Stat
		want Sites
	}{
		"none":    {nil, Sites{}},
		"plain":   {dir(0o755), Sites{}},
		"mode":    {dir(0o700), Sites{Agent: Site{Odd: "/opt"}}},
		"sticky":  {dir(0o755 | os.ModeSticky), Sites{Agent: Site{Odd: "/opt"}}},
		"owner":   {owned, Sites{Agent: Site{Odd: "/opt"}}},
		"symlink": {&types.Stat{Path: "opt", Mode: uint32(os.ModeSymlink | 0o777), Linkname: "/usr/opt"}, Sites{Agent: Site{Odd: "/opt"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := folder{entries: map[string][]*types.Stat{}}
			if tt.opt != nil {
				f.entries["/"] = []*types.Stat{tt.opt}
			}
			got, err := Look(t.Context(), f)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}

	f := folder{entries: map[string][]*types.Stat{
		"/":              {dir(0o755)},
		"/opt":           {{Path: "dynatrace", Mode: uint32(os.ModeDir | 0o755)}},
		"/opt/dynatrace": {{Path: "mine", Mode: 0o644}},
	}}
	got, err := Look(t.Context(), f)
	require.NoError(t, err)
	require.Equal(t, Sites{}, got, "the app's own files are left alone")

	f.entries["/opt/dynatrace"] = []*types.Stat{{Path: "oneagent", Mode: uint32(os.ModeDir | 0o755)}}
	got, err = Look(t.Context(), f)
	require.NoError(t, err)
	require.Equal(t, Sites{Agent: Site{Occupied: true}}, got)

	f = folder{entries: map[string][]*types.Stat{"/": {{Path: "opt", Mode: 0o644}}}}
	_, err = Look(t.Context(), f)
	require.ErrorContains(t, err, "/opt in the image is a file")

	got, err = Look(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, Sites{}, got, "an empty image")
}

// The certificates have a place of their own, with directories of other owners
// above it.
func TestLookAt_Certificates(t *testing.T) {
	dir := func(name string) *types.Stat { return &types.Stat{Path: name, Mode: uint32(os.ModeDir | 0o755)} }
	link := func(name string) *types.Stat {
		return &types.Stat{Path: name, Mode: uint32(os.ModeSymlink | 0o777), Linkname: "/data"}
	}
	others := dir("lib")
	others.Gid = 50
	keys := "/var/lib/dynatrace/oneagent/agent/customkeys"
	for name, tt := range map[string]struct {
		entries map[string][]*types.Stat
		want    Site
	}{
		"no /var":            {map[string][]*types.Stat{}, Site{}},
		"plain":              {map[string][]*types.Stat{"/": {dir("var")}, "/var": {dir("lib")}}, Site{}},
		"a symlink":          {map[string][]*types.Stat{"/": {link("var"), dir("data")}, "/data": {dir("lib")}}, Site{Odd: "/var"}},
		"a symlink below":    {map[string][]*types.Stat{"/": {dir("var")}, "/var": {link("lib")}}, Site{Odd: "/var/lib"}},
		"another group":      {map[string][]*types.Stat{"/": {dir("var")}, "/var": {others}}, Site{Odd: "/var/lib"}},
		"a file in the path": {map[string][]*types.Stat{"/": {dir("var")}, "/var": {dir("lib")}, "/var/lib": {{Path: "dynatrace", Mode: 0o644}}}, Site{Blocked: "/var/lib/dynatrace"}},
		"certificates": {map[string][]*types.Stat{
			"/": {dir("var")}, "/var": {dir("lib")}, "/var/lib": {dir("dynatrace")}, "/var/lib/dynatrace": {dir("oneagent")},
			"/var/lib/dynatrace/oneagent": {dir("agent")}, "/var/lib/dynatrace/oneagent/agent": {dir("customkeys")}, keys: {link("custom.pem")},
		}, Site{Occupied: true}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Look(t.Context(), folder{entries: tt.entries})
			require.NoError(t, err)
			require.Equal(t, Sites{CA: tt.want}, got)
		})
	}
}

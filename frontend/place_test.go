package frontend

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
		want place
	}{
		"none":    {nil, place{}},
		"plain":   {dir(0o755), place{}},
		"mode":    {dir(0o700), place{agent: site{odd: "/opt"}}},
		"sticky":  {dir(0o755 | os.ModeSticky), place{agent: site{odd: "/opt"}}},
		"owner":   {owned, place{agent: site{odd: "/opt"}}},
		"symlink": {&types.Stat{Path: "opt", Mode: uint32(os.ModeSymlink | 0o777), Linkname: "/usr/opt"}, place{agent: site{odd: "/opt"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := folder{entries: map[string][]*types.Stat{}}
			if tt.opt != nil {
				f.entries["/"] = []*types.Stat{tt.opt}
			}
			got, err := lookAt(t.Context(), f)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}

	f := folder{entries: map[string][]*types.Stat{
		"/":              {dir(0o755)},
		"/opt":           {{Path: "dynatrace", Mode: uint32(os.ModeDir | 0o755)}},
		"/opt/dynatrace": {{Path: "mine", Mode: 0o644}},
	}}
	got, err := lookAt(t.Context(), f)
	require.NoError(t, err)
	require.Equal(t, place{}, got, "the app's own files are left alone")

	f.entries["/opt/dynatrace"] = []*types.Stat{{Path: "oneagent", Mode: uint32(os.ModeDir | 0o755)}}
	got, err = lookAt(t.Context(), f)
	require.NoError(t, err)
	require.Equal(t, place{agent: site{occupied: true}}, got)

	f = folder{entries: map[string][]*types.Stat{"/": {{Path: "opt", Mode: 0o644}}}}
	_, err = lookAt(t.Context(), f)
	require.ErrorContains(t, err, "/opt in the image is a file")

	got, err = lookAt(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, place{}, got, "an empty image")
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
		want    site
	}{
		"no /var":            {map[string][]*types.Stat{}, site{}},
		"plain":              {map[string][]*types.Stat{"/": {dir("var")}, "/var": {dir("lib")}}, site{}},
		"a symlink":          {map[string][]*types.Stat{"/": {link("var"), dir("data")}, "/data": {dir("lib")}}, site{odd: "/var"}},
		"a symlink below":    {map[string][]*types.Stat{"/": {dir("var")}, "/var": {link("lib")}}, site{odd: "/var/lib"}},
		"another group":      {map[string][]*types.Stat{"/": {dir("var")}, "/var": {others}}, site{odd: "/var/lib"}},
		"a file in the path": {map[string][]*types.Stat{"/": {dir("var")}, "/var": {dir("lib")}, "/var/lib": {{Path: "dynatrace", Mode: 0o644}}}, site{blocked: "/var/lib/dynatrace"}},
		"certificates": {map[string][]*types.Stat{
			"/": {dir("var")}, "/var": {dir("lib")}, "/var/lib": {dir("dynatrace")}, "/var/lib/dynatrace": {dir("oneagent")},
			"/var/lib/dynatrace/oneagent": {dir("agent")}, "/var/lib/dynatrace/oneagent/agent": {dir("customkeys")}, keys: {link("custom.pem")},
		}, site{occupied: true}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := lookAt(t.Context(), folder{entries: tt.entries})
			require.NoError(t, err)
			require.Equal(t, place{ca: tt.want}, got)
		})
	}
}

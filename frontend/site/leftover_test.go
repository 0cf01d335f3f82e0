package site

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tonistiigi/fsutil/types"
)

func TestLeftovers(t *testing.T) {
	dir := func(name string) *types.Stat { return &types.Stat{Path: name, Mode: uint32(os.ModeDir | 0o755)} }
	f := folder{entries: map[string][]*types.Stat{"/": {dir("tmp"), dir("var")}, "/var": {dir("lib")}, "/var/lib": {dir("dpkg")}}}
	got, err := leftovers(t.Context(), f)
	require.NoError(t, err)
	require.Empty(t, got)

	f.entries["/tmp"] = []*types.Stat{dir("ruxit"), dir("mine")}
	f.entries["/var/lib"] = []*types.Stat{dir("dynatrace")}
	f.entries["/var/lib/dynatrace"] = []*types.Stat{dir("oneagent"), dir("enrichment")}
	f.entries["/var/lib/dynatrace/oneagent"] = []*types.Stat{dir("agent")}
	f.entries["/var/lib/dynatrace/oneagent/agent"] = []*types.Stat{dir("config"), dir("customkeys")}
	f.entries["/var/lib/dynatrace/oneagent/agent/config"] = []*types.Stat{{Path: "ruxitagentproc.conf", Mode: 0o644}, {Path: "mine.conf", Mode: 0o644}}
	got, err = leftovers(t.Context(), f)
	require.NoError(t, err)
	require.Equal(t, []string{"/var/lib/dynatrace/oneagent/agent/config/ruxitagentproc.conf"}, got)

	f.entries["/tmp/ruxit"] = []*types.Stat{dir("x")}
	got, err = leftovers(t.Context(), f)
	require.NoError(t, err)
	require.Equal(t, []string{"/tmp/ruxit", "/var/lib/dynatrace/oneagent/agent/config/ruxitagentproc.conf"}, got, "not an empty one")
}

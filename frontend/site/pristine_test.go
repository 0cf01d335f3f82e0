package site

import (
	"os"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
	"github.com/tonistiigi/fsutil/types"
)

// withAgent are the files of an app with an agent of two files.
func withAgent() folder {
	dir := func(name string) *types.Stat { return &types.Stat{Path: name, Mode: uint32(os.ModeDir | 0o755)} }
	file := func(name string) *types.Stat { return &types.Stat{Path: name, Mode: 0o644, Size: 1} }
	return folder{entries: map[string][]*types.Stat{
		"/":                             {dir("opt")},
		"/opt":                          {dir("dynatrace")},
		"/opt/dynatrace":                {dir("oneagent"), file("dt-start")},
		"/opt/dynatrace/oneagent":       {file("manifest.json"), dir("agent"), dir("log")},
		"/opt/dynatrace/oneagent/agent": {file("lib.so"), dir("customkeys")},
	}}
}

// Whatever a step does to the agent of a base image, it is seen.
func TestIsPristine(t *testing.T) {
	const dir, agentDir = "/opt/dynatrace/oneagent", "/opt/dynatrace/oneagent/agent"
	for name, tt := range map[string]struct {
		change func(f folder)
		want   bool
	}{
		"as it is":           {func(folder) {}, true},
		"file changed":       {func(f folder) { f.entries[agentDir][0].ModTime = 1 }, false},
		"file of another":    {func(f folder) { f.entries[agentDir][0].Uid = 1 }, false},
		"directory changed":  {func(f folder) { f.entries[dir][1].ModTime = 1 }, false},
		"top changed":        {func(f folder) { f.entries["/opt/dynatrace"][0].ModTime = 1 }, false},
		"file removed":       {func(f folder) { f.entries[agentDir] = f.entries[agentDir][1:] }, false},
		"all removed":        {func(f folder) { delete(f.entries, "/opt/dynatrace") }, false},
		"others beside it":   {func(f folder) { f.entries["/opt"] = append(f.entries["/opt"], &types.Stat{Path: "x", ModTime: 1}) }, true},
		"dt-start is newer":  {func(f folder) { f.entries["/opt/dynatrace"][1].ModTime = 1 }, true},
		"a symlink is there": {func(f folder) { f.entries["/opt/dynatrace"][0].Mode = uint32(os.ModeSymlink | 0o777) }, false},
		"certificates in it": {func(f folder) { f.entries[agentDir+"/customkeys"] = []*types.Stat{{Path: "custom.pem", Mode: 0o644}} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := withAgent()
			tt.change(f)
			got, err := IsPristine(t.Context(), f, agent.Installed{Files: 2})
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
	got, err := IsPristine(t.Context(), withAgent(), agent.Installed{})
	require.NoError(t, err)
	require.True(t, got, "of an agent image it is not known how many files there are")
}

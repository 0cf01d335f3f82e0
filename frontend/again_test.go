package frontend

import (
	"os"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	digest "github.com/opencontainers/go-digest"
	"github.com/org/dt-frontend/frontend/detect"
	"github.com/org/dt-frontend/frontend/task"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
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
			got, err := isPristine(t.Context(), f, agent.Installed{Files: 2})
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
	got, err := isPristine(t.Context(), withAgent(), agent.Installed{})
	require.NoError(t, err)
	require.True(t, got, "of an agent image it is not known how many files there are")
}

func TestShareBase(t *testing.T) {
	const layer = "sha256:aaaa"
	base := func(label string, ids ...digest.Digest) *dockerspec.DockerOCIImage {
		img := &dockerspec.DockerOCIImage{}
		img.Config.Labels = map[string]string{agent.LabelLayer: label}
		img.RootFS.DiffIDs = ids
		return img
	}
	replace := dtllb.Attachment{Merge: true, Replace: true}
	for name, tt := range map[string]struct {
		base *dockerspec.DockerOCIImage
		how  dtllb.Attachment
		want bool
	}{
		"the same layer":             {base(layer, "sha256:1", layer), replace, true},
		"a label and no such layer":  {base(layer, "sha256:1"), replace, false},
		"a layer and no label":       {base("", layer), replace, false},
		"another agent":              {base("sha256:bbbb", "sha256:bbbb"), replace, false},
		"both, labelled the other":   {base("sha256:bbbb", layer, "sha256:bbbb"), replace, false},
		"no base image":              {nil, replace, false},
		"removed in the app":         {base(layer, layer), dtllb.Attachment{Merge: true}, false},
		"where it has to be copied":  {base(layer, layer), dtllb.Attachment{Replace: true}, false},
		"neither label nor layer":    {base(""), replace, false},
		"an empty diff ID, labelled": {base("", ""), replace, false},
	} {
		t.Run(name, func(t *testing.T) {
			a := &app{Result: &dockerfile2llb.Result{BaseImage: tt.base}, built: task.Begin(func() (detect.Files, error) { return withAgent(), nil })}
			load, how := testPayload(), tt.how
			if name == "an empty diff ID, labelled" {
				load.agentLayer = ""
			}
			require.NoError(t, (&build{}).shareBase(t.Context(), a, load, &how))
			require.Len(t, load.layers, map[bool]int{true: 2, false: 3}[tt.want])
			require.Equal(t, tt.how.Replace && !tt.want, how.Replace)
			if tt.want {
				var by []string
				for _, h := range history(load, how, nil) {
					by = append(by, h.CreatedBy)
				}
				require.Equal(t, []string{"START /opt/dynatrace/dt-start", "SETTINGS /opt/dynatrace/dt-start.json", `ENTRYPOINT ["/opt/dynatrace/dt-start", "--", …]`}, by)
			}
		})
	}
}

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

	how := dtllb.Attachment{Merge: true, Leftovers: []string{"/tmp/ruxit", "/x"}}
	require.Equal(t, "REMOVE /tmp/ruxit /x", history(testPayload(), how, nil)[0].CreatedBy)
	require.False(t, history(testPayload(), how, nil)[0].EmptyLayer)
	require.Equal(t, []string{"/tmp/ruxit", "/x"}, how.Removes())
}

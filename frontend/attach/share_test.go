package attach

import (
	"context"
	"os"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/gateway/client"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/app"
	"github.com/org/dt-frontend/frontend/detect"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/frontend/task"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
	"github.com/stretchr/testify/require"
	"github.com/tonistiigi/fsutil/types"
)

var linuxAMD64 = ocispecs.Platform{OS: "linux", Architecture: "amd64"}

// folder is a reference that lists entries.
type folder struct {
	client.Reference
	entries map[string][]*types.Stat
}

func (f folder) ReadDir(_ context.Context, req client.ReadDirRequest) ([]*types.Stat, error) {
	return f.entries[req.Path], nil
}

// withAgent are the files of an app with an agent.
func withAgent() folder {
	dir := func(name string) *types.Stat { return &types.Stat{Path: name, Mode: uint32(os.ModeDir | 0o755)} }
	file := func(name string) *types.Stat { return &types.Stat{Path: name, Mode: 0o644, Size: 1} }
	return folder{entries: map[string][]*types.Stat{
		"/":                       {dir("opt")},
		"/opt":                    {dir("dynatrace")},
		"/opt/dynatrace":          {dir("oneagent"), file("dt-start")},
		"/opt/dynatrace/oneagent": {file("manifest.json"), file("agent")},
	}}
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
			a := &app.App{Result: &dockerfile2llb.Result{BaseImage: tt.base}, Built: task.Begin(func() (detect.Files, error) { return withAgent(), nil })}
			load, err := payload.New(llb.Scratch(), llb.Scratch(), nil, agent.Installed{Version: "1.2.3.4-5", DiffID: layer}, option.Options{}, linuxAMD64)
			require.NoError(t, err)
			how := tt.how
			if name == "an empty diff ID, labelled" {
				load.AgentLayer = ""
			}
			require.NoError(t, shareBase(t.Context(), a, load, &how))
			require.Len(t, load.Layers, map[bool]int{true: 2, false: 3}[tt.want])
			require.Equal(t, tt.how.Replace && !tt.want, how.Replace)
			if tt.want {
				var by []string
				for _, l := range load.Layers {
					by = append(by, l.CreatedBy)
				}
				require.Equal(t, []string{"START /opt/dynatrace/dt-start", "SETTINGS /opt/dynatrace/dt-start.json"}, by)
			}
		})
	}
}

package check

import (
	"context"
	"testing"

	"github.com/moby/buildkit/frontend/gateway/client"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
	"github.com/tonistiigi/fsutil/types"
)

// tree is an image's files: symlinks by their targets, directories by "".
type tree map[string]map[string]string

func (f tree) ReadDir(_ context.Context, req client.ReadDirRequest) ([]*types.Stat, error) {
	var out []*types.Stat
	for name, target := range f[req.Path] {
		st := &types.Stat{Path: name, Mode: dirMode}
		if target != "" {
			st.Mode, st.Linkname = symlinkMode, target
		}
		out = append(out, st)
	}
	return out, nil
}

const (
	dirMode     = 1<<31 | 0o755
	symlinkMode = 1<<27 | 0o777
)

// An engine follows symlinks to where it mounts a volume.
func TestVolumesBehindSymlinks(t *testing.T) {
	plain := tree{"/": {"opt": "", "srv": "/opt"}}
	moved := tree{"/": {"opt": "data", "data": ""}, "/data": {"dynatrace": ""}}
	for name, tt := range map[string]struct {
		files  tree
		volume string
		want   agent.Hidden
	}{
		"plain":                          {plain, "/opt", agent.HidesStart},
		"a symlink to it":                {plain, "/srv", agent.HidesStart},
		"below a symlink to it":          {plain, "/srv/dynatrace/oneagent", agent.HidesAgent},
		"below a symlink, harmless":      {plain, "/srv/dynatrace/oneagent/log", agent.HidesNothing},
		"another directory":              {plain, "/data", agent.HidesNothing},
		"where a symlink leads":          {moved, "/data", agent.HidesStart},
		"where a symlink leads, ours":    {moved, "/data/dynatrace", agent.HidesStart},
		"where a symlink leads, below":   {moved, "/data/dynatrace/oneagent/agent", agent.HidesAgent},
		"where a symlink leads, another": {moved, "/data/mine", agent.HidesNothing},
		"where a symlink leads, by link": {moved, "/opt", agent.HidesStart},
		"what is not there":              {moved, "/var/cache/x", agent.HidesNothing},
		"the root":                       {moved, "/", agent.HidesStart},
	} {
		t.Run(name, func(t *testing.T) {
			at, err := inApp(t.Context(), tt.files)(tt.volume)
			require.NoError(t, err)
			require.Equal(t, tt.want, agent.HiddenBy(at, true, ""), at)
		})
	}
}

func TestHidingVolumes(t *testing.T) {
	img := &dockerspec.DockerOCIImage{}
	img.Config.Volumes = map[string]struct{}{"/opt": {}, "/data": {}, "/opt/dynatrace/oneagent": {}, "/var/lib": {}}
	img.Config.OnBuild = []string{"RUN true", "VOLUME /opt /srv", "FLY"}
	got, err := hidingVolumes(img, option.ModeBuild, "/var/lib/x.pem", asWritten)
	require.NoError(t, err)
	require.Equal(t, []volume{
		{"/opt", agent.HidesStart, false}, {"/opt/dynatrace/oneagent", agent.HidesAgent, false}, {"/var/lib", agent.HidesCA, false},
		{"/opt", agent.HidesStart, true},
	}, got)
	got, err = hidingVolumes(img, option.ModeRuntime, "", asWritten)
	require.NoError(t, err)
	require.Equal(t, []volume{{"/opt", agent.HidesStart, false}, {"/opt", agent.HidesStart, true}}, got)
}

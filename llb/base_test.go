package llb

import (
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/stretchr/testify/require"
)

func TestBase(t *testing.T) {
	base := llb.Image("example.invalid/base")
	other := llb.Image("example.invalid/other")
	run := base.Run(llb.Shlex("true"), llb.AddMount("/mnt", other)).Root()
	tests := map[string]struct {
		st   llb.State
		want string
	}{
		"image":     {base, "docker-image://example.invalid/base:latest"},
		"run":       {run, "docker-image://example.invalid/base:latest"},
		"copy":      {run.File(llb.Copy(other, "/a", "/b")).File(llb.Mkdir("/c", 0o755)), "docker-image://example.invalid/base:latest"},
		"copy link": {llb.Merge([]llb.State{run, llb.Scratch().File(llb.Copy(other, "/a", "/b"))}), "docker-image://example.invalid/base:latest"},
		"scratch":   {llb.Scratch(), ""},
		"on scratch": {
			llb.Scratch().File(llb.Copy(base, "/a", "/b")), "",
		},
		"context": {llb.Local("context"), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			def, err := tt.st.Marshal(t.Context())
			require.NoError(t, err)
			got, err := Base(def.ToPB())
			require.NoError(t, err)
			if tt.want == "" {
				require.Nil(t, got)
				return
			}
			require.Len(t, got.Def, 2)
			op := &pb.Op{}
			require.NoError(t, op.UnmarshalVT(got.Def[0]))
			require.Equal(t, tt.want, op.GetSource().GetIdentifier())
		})
	}
}

func TestSourceOf(t *testing.T) {
	for want, st := range map[string]llb.State{
		"docker-image://example.invalid/base:latest": llb.Image("example.invalid/base"),
		"": llb.Image("example.invalid/base").File(llb.Mkdir("/a", 0o755)),
	} {
		def, err := st.Marshal(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, SourceOf(def.ToPB()))
	}
}

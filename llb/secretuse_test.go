package llb

import (
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/stretchr/testify/require"
)

// usesOf returns the ids of the secrets that a state's steps are given.
func usesOf(t *testing.T, st llb.State) []string {
	t.Helper()
	def, err := st.Marshal(t.Context(), llb.LinuxAmd64)
	require.NoError(t, err)
	uses, err := SecretUses(def.ToPB(), []string{"DT_API_TOKEN", "DT_TENANT"})
	require.NoError(t, err)
	var out []string
	for _, u := range uses {
		out = append(out, u.ID)
	}
	return out
}

func TestSecretUses(t *testing.T) {
	t.Parallel()
	run := func(args []string, opts ...llb.RunOption) llb.State {
		return llb.Image("base").Run(append([]llb.RunOption{llb.Args(args)}, opts...)...).Root()
	}
	app := []string{"/bin/sh"}
	token := llb.AddSecret("/x", llb.SecretID("DT_API_TOKEN"))
	lines := llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", []byte("FROM base\n"))
	at := lines.Location([]*pb.Range{{Start: &pb.Position{Line: 3}}})
	for name, tt := range map[string]struct {
		st   llb.State
		want []string
	}{
		"none":                 {llb.Scratch(), nil},
		"another":              {run(app, llb.AddSecret("/x", llb.SecretID("mine"))), nil},
		"a file":               {run(app, token), []string{"DT_API_TOKEN"}},
		"the environment":      {run(app, llb.AddSecretWithDest("DT_TENANT", nil, llb.SecretAsEnvName("X"))), []string{"DT_TENANT"}},
		"twice in one step":    {run(app, token, llb.AddSecret("/y", llb.SecretID("DT_API_TOKEN"))), []string{"DT_API_TOKEN"}},
		"below":                {run(app, token).Run(llb.Args(app)).Root(), []string{"DT_API_TOKEN"}},
		"a repository":         {llb.Git("https://x.invalid/y.git", "main", llb.AuthTokenSecret("DT_API_TOKEN")), []string{"DT_API_TOKEN"}},
		"a step of ours":       {run([]string{InstallBin, "download"}, token), nil},
		"one that mimics ours": {run([]string{InstallBin, "download"}, token, at), []string{"DT_API_TOKEN"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, usesOf(t, tt.st))
		})
	}
	def, err := run(app, token, at).Marshal(t.Context(), llb.LinuxAmd64)
	require.NoError(t, err)
	uses, err := SecretUses(def.ToPB(), []string{"DT_API_TOKEN"})
	require.NoError(t, err)
	require.Equal(t, int32(3), uses[0].Ranges[0].Start.Line)
	require.Equal(t, "FROM base\n", string(uses[0].Source))
}

// TestSecretUses_LeavesOutOurOwn: an image that was built with them can be part
// of another build.
func TestSecretUses_LeavesOutOurOwn(t *testing.T) {
	t.Parallel()
	s := Steps{Tools: llb.Image("tools"), Nonce: "s"}
	def, err := s.Resolve().Marshal(t.Context(), llb.LinuxAmd64)
	require.NoError(t, err)
	var given []string
	for _, dt := range def.Def {
		op := &pb.Op{}
		require.NoError(t, op.UnmarshalVT(dt))
		given = append(given, secretsOf(op)...)
	}
	require.Contains(t, given, "DT_API_TOKEN", "control")
	require.Empty(t, usesOf(t, s.Resolve()))
}

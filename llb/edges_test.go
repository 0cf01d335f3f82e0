package llb

import (
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	"github.com/stretchr/testify/require"
)

// definition is a graph of operations as a daemon might send it, the last of
// which is returned.
func definition(t *testing.T, ops ...*pb.Op) *pb.Definition {
	t.Helper()
	out := &pb.Definition{Metadata: map[string]*pb.OpMetadata{}}
	for _, op := range append(ops, &pb.Op{}) {
		if n := len(out.Def); n > 0 && len(op.Inputs) == 0 {
			op.Inputs = []*pb.Input{{Digest: digestOf(out.Def[n-1]).String()}}
		}
		dt, err := op.MarshalVT()
		require.NoError(t, err)
		out.Def = append(out.Def, dt)
	}
	return out
}

func baseImage() *pb.Op {
	return &pb.Op{Op: &pb.Op_Source{Source: &pb.SourceOp{Identifier: "docker-image://example.invalid/base:latest"}}}
}

func TestBase_IsFoundBelowTheRootMountOnly(t *testing.T) {
	t.Parallel()
	exec := func(mounts ...*pb.Mount) *pb.Op {
		return &pb.Op{Op: &pb.Op_Exec{Exec: &pb.ExecOp{Mounts: mounts}}}
	}
	for name, tt := range map[string]struct {
		op   *pb.Op
		want bool
	}{
		"the root comes second":    {exec(&pb.Mount{Dest: "/mnt", Input: 7}, &pb.Mount{Dest: "/", Input: 0}), true},
		"no root":                  {exec(&pb.Mount{Dest: "/mnt", Input: 0}), false},
		"no mounts":                {exec(), false},
		"a root on scratch":        {exec(&pb.Mount{Dest: "/", Input: -1}), false},
		"an input that is missing": {exec(&pb.Mount{Dest: "/", Input: 1}), false},
		"no actions":               {&pb.Op{Op: &pb.Op_File{File: &pb.FileOp{}}}, false},
		"an action":                {&pb.Op{Op: &pb.Op_File{File: &pb.FileOp{Actions: []*pb.FileAction{{Input: 0}}}}}, true},
		"a merge of nothing":       {&pb.Op{Op: &pb.Op_Merge{Merge: &pb.MergeOp{}}}, false},
		"a merge":                  {&pb.Op{Op: &pb.Op_Merge{Merge: &pb.MergeOp{Inputs: []*pb.MergeInput{{Input: 0}}}}}, true},
		"an unknown operation":     {&pb.Op{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			def, err := Base(definition(t, baseImage(), tt.op))
			require.NoError(t, err)
			require.Equal(t, tt.want, def != nil)
		})
	}
}

func TestBase_KnowsBothKindsOfImages(t *testing.T) {
	t.Parallel()
	for identifier, want := range map[string]bool{
		"docker-image://example.invalid/base:latest": true,
		"oci-layout://base":                          true,
		"local://context":                            false,
		"git://example.invalid/x":                    false,
		"https://docker-image://":                    false,
	} {
		def, err := Base(definition(t, &pb.Op{Op: &pb.Op_Source{Source: &pb.SourceOp{Identifier: identifier}}}))
		require.NoError(t, err)
		require.Equal(t, want, def != nil, identifier)
	}
}

func TestBase_KeepsTheImagesMetadataAlone(t *testing.T) {
	t.Parallel()
	def := definition(t, baseImage(), &pb.Op{Op: &pb.Op_File{File: &pb.FileOp{Actions: []*pb.FileAction{{Input: 0}}}}})
	for i, dt := range def.Def {
		def.Metadata[digestOf(dt).String()] = &pb.OpMetadata{Description: map[string]string{"n": string(rune('0' + i))}}
	}
	got, err := Base(def)
	require.NoError(t, err)
	require.Len(t, got.Metadata, 1)
	require.Equal(t, "0", got.Metadata[digestOf(got.Def[0]).String()].Description["n"])
	end := &pb.Op{}
	require.NoError(t, end.UnmarshalVT(got.Def[1]))
	require.Equal(t, digest.FromBytes(got.Def[0]).String(), end.Inputs[0].Digest)
}

func TestBase_OfWhatIsNotAGraph(t *testing.T) {
	t.Parallel()
	for name, def := range map[string]*pb.Definition{"nil": nil, "empty": {}, "of several results": {Def: [][]byte{twoInputs(t)}}} {
		got, err := Base(def)
		require.NoError(t, err, name)
		require.Nil(t, got, name)
	}
	_, err := Base(&pb.Definition{Def: [][]byte{{0xff}}})
	require.Error(t, err)
	_, err = SecretUses(&pb.Definition{Def: [][]byte{{0xff}}}, nil)
	require.Error(t, err)
	require.Empty(t, SourceOf(&pb.Definition{Def: [][]byte{{0xff}, {}}}))
}

func twoInputs(t *testing.T) []byte {
	t.Helper()
	dt, err := (&pb.Op{Inputs: []*pb.Input{{Digest: "a"}, {Digest: "b"}}}).MarshalVT()
	require.NoError(t, err)
	return dt
}

// TestSecretUses_OfDownloads: BuildKit gives a secret to a download by three
// names.
func TestSecretUses_OfDownloads(t *testing.T) {
	t.Parallel()
	for name, st := range map[string]llb.State{
		"token of a repository":  llb.Git("https://x.invalid/y.git", "main", llb.AuthTokenSecret("DT_TENANT")),
		"header of a repository": llb.Git("https://x.invalid/y.git", "main", llb.AuthHeaderSecret("DT_TENANT"), llb.AuthTokenSecret("mine")),
		"header of a file":       llb.HTTP("https://x.invalid/y", llb.AuthHeaderSecret("DT_TENANT")),
	} {
		require.Equal(t, []string{"DT_TENANT"}, usesOf(t, st), name)
	}
}

// TestSecretUses_OwnStepsAreKnownByTheirProgram, which is the first word.
func TestSecretUses_OwnStepsAreKnownByTheirProgram(t *testing.T) {
	t.Parallel()
	use := func(args ...string) []string {
		return usesOf(t, llb.Image("base").Run(llb.Args(args), llb.AddSecret("/x", llb.SecretID("DT_TENANT"))).Root())
	}
	require.Empty(t, use("/bin/dt-install"))
	require.Equal(t, []string{"DT_TENANT"}, use("/bin/sh", "/bin/dt-install"))
	require.Equal(t, []string{"DT_TENANT"}, use("dt-install"))
}

// TestSecretUses_LinesMayBeDamaged: the definition may come from anyone.
func TestSecretUses_LinesMayBeDamaged(t *testing.T) {
	t.Parallel()
	st := llb.Image("base").Run(llb.Args([]string{"/bin/sh"}), llb.AddSecret("/x", llb.SecretID("DT_TENANT"))).Root()
	full, err := st.Marshal(t.Context(), llb.LinuxAmd64)
	require.NoError(t, err)
	at := []*pb.Range{{Start: &pb.Position{Line: 9}}}
	for name, tt := range map[string]struct {
		location *pb.Location
		want     string
	}{
		"first file":      {&pb.Location{SourceIndex: 0, Ranges: at}, "zero"},
		"last file":       {&pb.Location{SourceIndex: 1, Ranges: at}, "one"},
		"behind the last": {&pb.Location{SourceIndex: 2, Ranges: at}, ""},
		"negative":        {&pb.Location{SourceIndex: -1, Ranges: at}, ""},
		"no lines":        {&pb.Location{SourceIndex: 1}, ""},
	} {
		def := full.ToPB()
		def.Source = &pb.Source{Infos: []*pb.SourceInfo{{Data: []byte("zero")}, {Data: []byte("one")}}, Locations: map[string]*pb.Locations{}}
		for _, dt := range def.Def {
			def.Source.Locations[digestOf(dt).String()] = &pb.Locations{Locations: []*pb.Location{tt.location}}
		}
		uses, err := SecretUses(def, []string{"DT_TENANT"})
		require.NoError(t, err, name)
		require.Len(t, uses, 1, name)
		require.Equal(t, tt.want, string(uses[0].Source), name)
		require.Equal(t, tt.want != "", len(uses[0].Ranges) == 1, name)
	}
}

// TestSteps_WithoutAProxyAndSpecs: nothing is asked of a daemon that was not
// asked of us.
func TestSteps_WithoutAProxyAndSpecs(t *testing.T) {
	t.Parallel()
	op, _ := marshal(t, Steps{Tools: Tools(self), Platform: native}.Resolve()).exec(t, "resolve")
	require.Equal(t, []string{InstallBin, "resolve", "--out", "/out"}, op.GetExec().Meta.Args)
	require.Nil(t, op.GetExec().Meta.ProxyEnv)
	require.Empty(t, op.GetExec().Meta.ExtraHosts)
}

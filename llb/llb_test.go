package llb

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"net"
	"os"
	"slices"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

var (
	self   = llb.Image("example.invalid/dt-frontend")
	app    = llb.Image("example.invalid/app").Run(llb.Shlex("true")).Root()
	native = ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	x86    = agent.Spec{Arch: agent.ArchX86, Flavor: agent.FlavorDefault}
	arm    = agent.Spec{Arch: agent.ArchARM, Flavor: agent.FlavorMusl, Include: []string{"java", "nginx"}}
)

func steps() Steps {
	return Steps{
		Tools:    Tools(self),
		Platform: native,
		Nonce:    "nonce-1",
		Network: Network{
			Mode:       pb.NetMode_UNSET,
			ExtraHosts: []llb.HostIP{{Host: "cluster.invalid", IP: net.IPv4(192, 0, 2, 1)}},
			Proxy:      &llb.ProxyEnv{HTTPSProxy: "http://proxy.invalid:3128"},
		},
	}
}

// image is the whole graph of an instrumented image.
func image(s Steps, spec agent.Spec, a Attachment) llb.State {
	resolve := s.Resolve(spec)
	download := s.Download(resolve, spec, "1.2.3.20250101-000000")
	in := s.Install(resolve, download, spec, "1.2.3.20250101-000000")
	return Attach(app, a, s.AgentLayer(in.Tree), StartLayer(self, "amd64"),
		SettingsLayer(StartFiles{Settings: []byte("{}"), SPDX: []byte("{}"), Documents: &in.Documents}))
}

// graph is a marshalled definition, decoded.
type graph struct {
	ops     []*pb.Op
	meta    []*pb.OpMetadata
	digests []string
}

func marshal(t *testing.T, st llb.State) graph {
	t.Helper()
	def, err := st.Marshal(t.Context(), llb.Platform(native))
	require.NoError(t, err)
	var g graph
	for _, dt := range def.Def {
		op := &pb.Op{}
		require.NoError(t, op.UnmarshalVT(dt))
		g.ops = append(g.ops, op)
		g.meta = append(g.meta, def.Metadata[digestOf(dt)].ToPB())
		g.digests = append(g.digests, digestOf(dt).String())
	}
	return g
}

// exec returns the step of a command.
func (g graph) exec(t *testing.T, command string) (*pb.Op, *pb.OpMetadata) {
	t.Helper()
	for i, op := range g.ops {
		if e := op.GetExec(); e != nil && slices.Contains(e.Meta.Args, command) {
			return op, g.meta[i]
		}
	}
	t.Fatalf("the graph has no step %s", command)
	return nil, nil
}

func (g graph) ours() []*pb.Op {
	var out []*pb.Op
	for _, op := range g.ops {
		if e := op.GetExec(); e != nil && e.Meta.Args[0] == InstallBin {
			out = append(out, op)
		}
	}
	return out
}

func mountAt(op *pb.Op, dest string) *pb.Mount {
	for _, m := range op.GetExec().Mounts {
		if m.Dest == dest {
			return m
		}
	}
	return nil
}

func TestDefinitionIsTheSameEachTime(t *testing.T) {
	var first [][]byte
	for range 25 {
		def, err := image(steps(), arm, Attachment{Merge: true, Replace: true}).Marshal(t.Context(), llb.Platform(native))
		require.NoError(t, err)
		if first == nil {
			first = def.Def
		}
		require.Equal(t, first, def.Def)
	}
}

// The package is given no secret, and takes none from where it runs.
func TestDefinitionsHoldNoSecret(t *testing.T) {
	for _, id := range agent.Secrets {
		t.Setenv(id, rand.Text())
	}
	def, err := image(steps(), arm, Attachment{Merge: true, Replace: true}).Marshal(t.Context(), llb.Platform(native))
	require.NoError(t, err)
	meta, err := json.Marshal(def.Metadata)
	require.NoError(t, err)
	all := append(bytes.Join(def.Def, nil), meta...)
	require.Contains(t, string(all), "DT_API_TOKEN", "control: ids are in there")
	for _, id := range agent.Secrets {
		require.NotContains(t, string(all), os.Getenv(id), id)
	}
}

func TestStepsRunOnTheToolsReadOnly(t *testing.T) {
	g := marshal(t, image(steps(), x86, Attachment{Merge: true}))
	require.Len(t, g.ours(), 3)
	for _, op := range g.ours() {
		name := op.GetExec().Meta.Args[1]
		root := mountAt(op, "/")
		require.True(t, root.Readonly, name)
		require.Equal(t, int64(pb.SkipOutput), root.Output, name)
		require.Equal(t, "amd64", op.Platform.Architecture, name)

		scratch := mountAt(op, "/tmp")
		require.Equal(t, pb.MountType_BIND, scratch.MountType, "%s: scratch space is on disk", name)
		require.Equal(t, int64(pb.SkipOutput), scratch.Output, "%s: scratch space is no result", name)
	}
}

func TestStepsRunOnTheBuildersPlatform(t *testing.T) {
	st := image(steps(), arm, Attachment{Merge: true})
	def, err := st.Marshal(t.Context(), llb.Platform(ocispecs.Platform{OS: "linux", Architecture: "arm64"}))
	require.NoError(t, err)
	n := 0
	for _, dt := range def.Def {
		op := &pb.Op{}
		require.NoError(t, op.UnmarshalVT(dt))
		if e := op.GetExec(); e != nil && e.Meta.Args[0] == InstallBin {
			require.Equal(t, "amd64", op.Platform.Architecture, e.Meta.Args[1])
			n++
		}
	}
	require.Equal(t, 3, n)
}

func TestResolveIsNeverCached(t *testing.T) {
	op, meta := marshal(t, image(steps(), x86, Attachment{Merge: true})).exec(t, "resolve")
	require.True(t, meta.IgnoreCache)
	require.False(t, meta.ExportCache.GetValue())
	require.NotNil(t, meta.ExportCache, "not exported, rather than by default")
	require.NotNil(t, op.GetExec().Meta.ProxyEnv)
}

func TestNothingRawIsExported(t *testing.T) {
	g := marshal(t, image(steps(), x86, Attachment{Merge: true}))
	_, meta := g.exec(t, "download")
	require.NotNil(t, meta.ExportCache)
	require.False(t, meta.ExportCache.GetValue())
	require.False(t, meta.IgnoreCache)
	_, meta = g.exec(t, "install")
	require.Nil(t, meta.ExportCache, "the clean agent may be shared")
}

func TestNoCacheReachesEveryStep(t *testing.T) {
	s := steps()
	s.NoCache = true
	g := marshal(t, image(s, x86, Attachment{Merge: true}))
	for _, command := range []string{"download", "install"} {
		_, meta := g.exec(t, command)
		require.True(t, meta.IgnoreCache, command)
	}
	// The layer too: what stands on a step that failed has failed.
	n := 0
	for i, op := range g.ops {
		if g.meta[i].GetDescription()["llb.customname"] == "[dynatrace] pack the agent layer" {
			require.NotNil(t, op.GetFile())
			require.True(t, g.meta[i].IgnoreCache)
			n++
		}
	}
	require.Equal(t, 1, n)
}

func TestInstallHasNoNetwork(t *testing.T) {
	op, _ := marshal(t, image(steps(), x86, Attachment{Merge: true})).exec(t, "install")
	e := op.GetExec()
	require.Equal(t, pb.NetMode_NONE, e.Network)
	require.Nil(t, e.Meta.ProxyEnv)
	require.Empty(t, e.Meta.ExtraHosts)
	installer := mountAt(op, installerPath)
	require.True(t, installer.Readonly)
}

func TestTheNetworkReachesThoseThatNeedIt(t *testing.T) {
	s := steps()
	s.Network.Mode = pb.NetMode_HOST
	g := marshal(t, image(s, x86, Attachment{Merge: true}))
	for _, command := range []string{"resolve", "download"} {
		op, _ := g.exec(t, command)
		e := op.GetExec()
		require.Equal(t, pb.NetMode_HOST, e.Network, command)
		require.Equal(t, "http://proxy.invalid:3128", e.Meta.ProxyEnv.HttpsProxy, command)
		require.Equal(t, "cluster.invalid", e.Meta.ExtraHosts[0].Host, command)
	}
}

// A layer is one file operation on scratch, with a fixed time on all of it.
func TestLayersAreOneCopy(t *testing.T) {
	for name, st := range map[string]llb.State{
		"agent":    steps().AgentLayer(llb.Scratch().File(llb.Mkdir("/dynatrace", 0o755))),
		"start":    StartLayer(self, "arm64"),
		"settings": SettingsLayer(StartFiles{}),
	} {
		def, err := st.Marshal(t.Context())
		require.NoError(t, err)
		op := &pb.Op{}
		require.NoError(t, op.UnmarshalVT(def.Def[len(def.Def)-2]))
		file := op.GetFile()
		require.NotNil(t, file, name)
		require.Len(t, file.Actions, 1, name)
		require.Equal(t, int64(-1), file.Actions[0].Input, "%s: on scratch", name)
		require.Zero(t, file.Actions[0].GetCopy().Timestamp, name)
		require.Nil(t, op.Platform, "%s: shared by all platforms that have the same bytes", name)
	}
}

func TestStartLayerTakesTheTargetsHelper(t *testing.T) {
	g := marshal(t, StartLayer(self, "s390x"))
	var sources []string
	for _, op := range g.ops {
		for _, a := range op.GetFile().GetActions() {
			sources = append(sources, a.GetCopy().GetSrc())
		}
	}
	require.Contains(t, sources, "/start/linux_s390x/dt-start")
}

func TestAttach(t *testing.T) {
	layer := steps().AgentLayer(llb.Scratch().File(llb.Mkdir("/dynatrace", 0o755)))
	tests := []struct {
		name    string
		how     Attachment
		merges  int
		removes int
		copies  int // onto the app
	}{
		{"merge", Attachment{Merge: true}, 1, 0, 0},
		{"copy", Attachment{}, 0, 0, 1},
		{"merge over an old agent", Attachment{Merge: true, Replace: true}, 1, len(Owned), 0},
		{"copy over an old agent", Attachment{Replace: true}, 0, len(Owned), 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := marshal(t, Attach(app, tt.how, layer))
			var merges, removes, copies int
			for _, op := range g.ops {
				if op.GetMerge() != nil {
					merges++
				}
				for _, a := range op.GetFile().GetActions() {
					if rm := a.GetRm(); rm != nil && rm.Path != aside {
						require.Contains(t, Owned, rm.Path)
						require.True(t, rm.AllowNotFound)
						removes++
					}
					if cp := a.GetCopy(); cp != nil && cp.Src == "/opt/dynatrace" {
						require.Equal(t, "/opt/dynatrace", cp.Dest, "below a symlinked /opt, not over it")
						copies++
					}
				}
			}
			require.Equal(t, []int{tt.merges, tt.removes, tt.copies}, []int{merges, removes, copies})
		})
	}
}

func TestAttachToAnEmptyApp(t *testing.T) {
	layer := steps().AgentLayer(llb.Scratch().File(llb.Mkdir("/dynatrace", 0o755)))
	g := marshal(t, Attach(llb.Scratch(), Attachment{Merge: true}, layer))
	require.NotEmpty(t, g.ops, "an empty image gets its agent")
}

// The app's own operations must stay as they are, or it would be built twice.
func TestAttachLeavesTheAppsOperations(t *testing.T) {
	alone, err := app.Marshal(t.Context(), llb.Platform(native))
	require.NoError(t, err)
	together, err := image(steps(), x86, Attachment{Merge: true}).Marshal(t.Context(), llb.Platform(native))
	require.NoError(t, err)
	for _, dt := range alone.Def[:len(alone.Def)-1] { // the last is the return
		require.True(t, slices.ContainsFunc(together.Def, func(o []byte) bool { return string(o) == string(dt) }))
	}
}

func TestToolsAreCopiedFromTheFrontend(t *testing.T) {
	g := marshal(t, Tools(self))
	var found bool
	for _, op := range g.ops {
		for _, a := range op.GetFile().GetActions() {
			found = true
			require.Equal(t, "/tools", a.GetCopy().Src)
			require.True(t, a.GetCopy().DirCopyContents)
		}
	}
	require.True(t, found)
}

func TestEveryStepHasAName(t *testing.T) {
	g := marshal(t, image(steps(), arm, Attachment{Merge: true}))
	for _, command := range []string{"resolve", "download", "install"} {
		_, meta := g.exec(t, command)
		require.NotEmpty(t, meta.Description["llb.customname"], command)
	}
	_, meta := g.exec(t, "download")
	require.Equal(t, "[dynatrace] download OneAgent 1.2.3.20250101-000000 (musl, arm, java,nginx)", meta.Description["llb.customname"])
}

func digestOf(dt []byte) digest.Digest { return digest.FromBytes(dt) }

func TestWhatIsAskedForIsInTheArguments(t *testing.T) {
	spec := agent.Spec{
		Arch: agent.ArchX86, Flavor: agent.FlavorMusl, Include: []string{"java"},
		Version: "1.2.3.20250101-000000", NetworkZone: "zone",
	}
	g := marshal(t, image(steps(), spec, Attachment{Merge: true}))
	resolve, _ := g.exec(t, "resolve")
	require.Equal(t, []string{"/bin/dt-install", "resolve", "--out", "/out",
		"--agent", "x86/musl/1.2.3.20250101-000000", "--network-zone", "zone"}, resolve.GetExec().Meta.Args)
	download, _ := g.exec(t, "download")
	require.Equal(t, []string{"/bin/dt-install", "download", "--arch", "x86", "--flavor", "musl", "--include", "java",
		"--resolved", "/run/agent/agent.json", "--out", "/out", "--network-zone", "zone"}, download.GetExec().Meta.Args)
	install, _ := g.exec(t, "install")
	require.Equal(t, []string{"/bin/dt-install", "install", "--arch", "x86", "--flavor", "musl", "--include", "java",
		"--resolved", "/run/agent/agent.json", "--out", "/out", "--installer", "/run/installer", "--prefix", "/opt", "--tree", "/agent"},
		install.GetExec().Meta.Args, "it asks nobody, so that it needs no zone")
}

// A changed configuration must not download again, so that the download knows
// nothing of it.
func TestTheConfigurationIsForInstallAlone(t *testing.T) {
	without := marshal(t, image(steps(), x86, Attachment{Merge: true}))
	spec := x86
	spec.Config = true
	with := marshal(t, image(steps(), spec, Attachment{Merge: true}))
	args := func(g graph, command string) []string {
		op, _ := g.exec(t, command)
		require.Equal(t, command == "install" && slices.Contains(op.GetExec().Meta.Args, "--config"), mountAt(op, configPath) != nil)
		return op.GetExec().Meta.Args
	}
	require.Equal(t, append(args(without, "resolve"), "--config"), args(with, "resolve"))
	require.Equal(t, args(without, "download"), args(with, "download"))
	require.Equal(t, append(args(without, "install"), "--config", "/run/config/config.json"), args(with, "install"))

	op, _ := with.exec(t, "install")
	m := mountAt(op, configPath)
	require.True(t, m.Readonly, "what is not read-only is keyed by its definition")
	require.Equal(t, "/config", m.Selector)
	require.NotEqual(t, pb.MountContentCache_OFF, m.ContentCache)
}

// The host group is for what is asked about the configuration and for the
// agent's own. Without it every step is keyed as before.
func TestTheHostGroupIsNotForTheDownload(t *testing.T) {
	t.Parallel()
	args := func(spec agent.Spec, command string) []string {
		op, _ := marshal(t, image(steps(), spec, Attachment{Merge: true})).exec(t, command)
		return op.GetExec().Meta.Args
	}
	group := x86
	group.HostGroup = "my-group"
	require.Equal(t, args(x86, "resolve"), args(group, "resolve"))
	require.Equal(t, args(x86, "download"), args(group, "download"))
	require.Equal(t, append(args(x86, "install"), "--host-group", "my-group"), args(group, "install"))

	merge := x86
	merge.Config = true
	both := group
	both.Config = true
	require.Equal(t, append(args(merge, "resolve"), "--host-group", "my-group"), args(both, "resolve"))
	require.Equal(t, args(merge, "download"), args(both, "download"))
}

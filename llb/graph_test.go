package llb

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// everything asks for all that a build can ask for.
func everything() agent.Spec {
	return agent.Spec{
		Arch: agent.ArchX86, Flavor: agent.FlavorMusl, Include: []string{"java", "nginx"},
		Version: "1.305.152.20241113-104505", Pinned: true, Checksum: "sha256:1089", Archive: true, FIPS: true, Config: true,
		NetworkZone: "zone-9", HostGroup: "group-8",
	}
}

// graphs are what the frontend builds, by the name of the file in testdata that
// describes each.
func graphs() map[string]llb.State {
	s := steps()
	s.Release = "v1.2.3"
	private := s
	private.NoCache, private.Private = true, true
	private.Network.Mode, private.Network.Proxy = pb.NetMode_HOST, nil
	certificate := &Certificate{Layer: CertificateLayer(s.Trust()), Merge: true, Replace: true}
	copies := &Certificate{Layer: certificate.Layer}
	alone := &Certificate{Layer: certificate.Layer, Merge: true}
	imported := x86
	imported.Version, imported.FIPS = "1.305.152.20241113-104505", true
	in := s.Import(llb.Image("example.invalid/agent"), "/opt/dynatrace/oneagent", imported)
	layer := s.AgentLayer(in.Tree)
	return map[string]llb.State{
		"everything":          image(s, everything(), Attachment{Merge: true, Replace: true, Leftovers: []string{"/left"}, Certificate: certificate}),
		"private":             image(private, x86, Attachment{}),
		"several-agents":      s.Resolve(everything(), x86),
		"import":              layer,
		"import-documents":    in.Documents,
		"check":               s.Check(layer),
		"certificate-copied":  Attach(app, Attachment{Merge: true, Certificate: copies}, layer),
		"certificate-merged":  Attach(app, Attachment{Certificate: alone}, layer),
		"start-without-agent": SettingsLayer(StartFiles{Settings: []byte("{}")}),
	}
}

// TestGraphs_AreAsDescribed: what BuildKit is told decides who shares a step,
// what is cached and what a step can reach. Each change shows in testdata, where
// it can be read; most of them make all users download again.
func TestGraphs_AreAsDescribed(t *testing.T) {
	t.Parallel()
	for name, st := range graphs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("testdata", name+".txt")
			got := marshal(t, st).describe()
			want, err := os.ReadFile(path)
			require.NoError(t, err, "%s is missing; it should be\n%s", path, got)
			require.Equal(t, string(want), got, "if this is meant, change %s", path)
		})
	}
}

// describe prints all operations, each with its number. Inputs are named by the
// number.
func (g graph) describe() string {
	numbers := map[string]int{}
	for i, d := range g.digests {
		numbers[d] = i
	}
	var b strings.Builder
	for i, op := range g.ops {
		var inputs []string
		for _, in := range op.Inputs {
			inputs = append(inputs, fmt.Sprintf("#%d", numbers[in.Digest]))
		}
		fmt.Fprintf(&b, "#%d of %v", i, inputs)
		if p := op.Platform; p != nil {
			fmt.Fprintf(&b, " on %s/%s", p.OS, p.Architecture)
		}
		describeMeta(&b, g.meta[i])
		describeOp(&b, op)
	}
	return b.String()
}

func describeMeta(b *strings.Builder, m *pb.OpMetadata) {
	if m.GetIgnoreCache() {
		b.WriteString(", ignores the cache")
	}
	if m.GetExportCache() != nil {
		fmt.Fprintf(b, ", exports the cache: %v", m.GetExportCache().GetValue())
	}
	fmt.Fprintf(b, "\n  %s\n", m.GetDescription()["llb.customname"])
}

func describeOp(b *strings.Builder, op *pb.Op) {
	switch o := op.Op.(type) {
	case *pb.Op_Source:
		fmt.Fprintf(b, "  source %s\n", o.Source.Identifier)
	case *pb.Op_Merge:
		fmt.Fprintf(b, "  merge")
		for _, in := range o.Merge.Inputs {
			fmt.Fprintf(b, " %d", in.Input)
		}
		b.WriteString("\n")
	case *pb.Op_Exec:
		describeExec(b, o.Exec)
	case *pb.Op_File:
		for _, a := range o.File.Actions {
			fmt.Fprintf(b, "  from %d and %d to %d: ", a.Input, a.SecondaryInput, a.Output)
			describeAction(b, a)
		}
	}
}

func describeExec(b *strings.Builder, e *pb.ExecOp) {
	fmt.Fprintf(b, "  exec %q\n  env %q in %s, network %s\n", e.Meta.Args, e.Meta.Env, e.Meta.Cwd, e.Network)
	for _, h := range e.Meta.ExtraHosts {
		fmt.Fprintf(b, "  host %s is %s\n", h.Host, h.IP)
	}
	if p := e.Meta.ProxyEnv; p != nil {
		fmt.Fprintf(b, "  proxy %q %q %q %q\n", p.HttpProxy, p.HttpsProxy, p.NoProxy, p.AllProxy)
	}
	for _, m := range e.Mounts {
		fmt.Fprintf(b, "  %s %s of %d%s to %d", strings.ToLower(m.MountType.String()), m.Dest, m.Input, m.Selector, m.Output)
		if m.Readonly {
			b.WriteString(", read-only")
		}
		if s := m.SecretOpt; s != nil {
			fmt.Fprintf(b, ", %s of %d:%d, mode %o, optional: %v", s.ID, s.Uid, s.Gid, s.Mode, s.Optional)
		}
		b.WriteString("\n")
	}
}

func describeAction(b *strings.Builder, a *pb.FileAction) {
	switch a := a.Action.(type) {
	case *pb.FileAction_Copy:
		c := a.Copy
		fmt.Fprintf(b, "copy %s to %s, contents: %v, creates: %v, time: %d\n", c.Src, c.Dest, c.DirCopyContents, c.CreateDestPath, c.Timestamp)
	case *pb.FileAction_Mkdir:
		fmt.Fprintf(b, "mkdir %s, mode %o, parents: %v\n", a.Mkdir.Path, a.Mkdir.Mode, a.Mkdir.MakeParents)
	case *pb.FileAction_Mkfile:
		fmt.Fprintf(b, "mkfile %s, mode %o: %s\n", a.Mkfile.Path, a.Mkfile.Mode, a.Mkfile.Data)
	case *pb.FileAction_Rm:
		fmt.Fprintf(b, "rm %s, may be missing: %v\n", a.Rm.Path, a.Rm.AllowNotFound)
	}
}

package frontend_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/exporter/containerimage/exptypes"
	"github.com/moby/buildkit/frontend/gateway/client"
	gwpb "github.com/moby/buildkit/frontend/gateway/pb"
	"github.com/moby/buildkit/solver/pb"
	apicapspb "github.com/moby/buildkit/util/apicaps/pb"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
	"github.com/tonistiigi/fsutil/types"
)

// installedVersion is the version that the daemon's steps install.
const installedVersion = "1.305.152.20241113-104505"

// daemon stands in for BuildKit: it runs nothing, answers what steps of ours
// leave, and notes what it is asked. The zero value with a Dockerfile is a
// daemon for linux/amd64 whose images all have glibc.
type daemon struct {
	client.Client // the rest of the interface: not called
	dockerfile    string
	opts          map[string]string
	// image is the config of every base image.
	image dockerspec.DockerOCIImage
	// images are the configs of others, by what they are called.
	images map[string]dockerspec.DockerOCIImage
	// base and app are the files of base images and of what is built; see tree.
	base, app tree
	// report and installed are what the steps leave.
	report    agent.Report
	installed agent.Installed
	// fail has errors by the name of a step.
	fail map[string]error
	// noMerge says that the daemon cannot merge.
	noMerge bool

	mu       sync.Mutex
	asked    []*pb.Definition
	warnings []client.WarnOpts
	texts    []string
}

// newDaemon returns one that builds a Dockerfile with options.
func newDaemon(dockerfile, options string) *daemon {
	return &daemon{
		dockerfile: dockerfile,
		opts:       map[string]string{"build-arg:DYNATRACE": options},
		image:      baseImage(),
		base:       tree{"lib64/ld-linux-x86-64.so.2": "", "bin/sh": ""},
		installed: agent.Installed{
			Version: installedVersion, Flavor: "default", Arch: "x86", Technologies: []string{"java", "nginx"},
			Preload: "/opt/dynatrace/oneagent/agent/lib64/liboneagentproc.so", DiffID: "sha256:" + strings.Repeat("10", 32), Files: 3,
		},
	}
}

// baseImage is the config of an image with one layer.
func baseImage() dockerspec.DockerOCIImage {
	return dockerspec.DockerOCIImage{Image: ocispecs.Image{
		Platform: ocispecs.Platform{OS: "linux", Architecture: "amd64"},
		RootFS:   ocispecs.RootFS{Type: "layers", DiffIDs: []digest.Digest{digest.FromString("base")}},
		History:  []ocispecs.History{{CreatedBy: "base"}},
	}}
}

// built is what a build hands to the exporter.
type built struct {
	image dockerspec.DockerOCIImage
	// ops are the graph of the image, in order.
	ops []*pb.Op
	ref *reference
}

// build runs the frontend, which must succeed.
func (d *daemon) build(t *testing.T) built {
	t.Helper()
	res, err := frontend.Build(t.Context(), d)
	require.NoError(t, err)
	var out built
	require.NoError(t, json.Unmarshal(res.Metadata[exptypes.ExporterImageConfigKey], &out.image))
	ref, err := res.SingleRef()
	require.NoError(t, err)
	if ref != nil {
		out.ref = ref.(*reference)
		out.ops = decode(out.ref.def)
	}
	return out
}

// fails runs the frontend, which must not succeed.
func (d *daemon) fails(t *testing.T) error {
	t.Helper()
	_, err := frontend.Build(t.Context(), d)
	require.Error(t, err)
	return err
}

// steps returns the arguments of all steps of ours that were asked for, each
// once.
func (d *daemon) steps() map[string][]string {
	out := map[string][]string{}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, def := range d.asked {
		for _, op := range decode(def) {
			if args := op.GetExec().GetMeta().GetArgs(); len(args) > 1 && args[0] == "/bin/dt-install" {
				out[args[1]] = args
			}
		}
	}
	return out
}

// history returns how the layers of an image were made, without the app's own.
func (b built) history() []string {
	var out []string
	for _, h := range b.image.History {
		if h.Comment == "dt-frontend.v0" {
			out = append(out, h.CreatedBy)
		}
	}
	return out
}

func decode(def *pb.Definition) []*pb.Op {
	var out []*pb.Op
	for _, dt := range def.GetDef() {
		op := &pb.Op{}
		if op.UnmarshalVT(dt) == nil {
			out = append(out, op)
		}
	}
	return out
}

func (d *daemon) BuildOpts() client.BuildOpts {
	caps := pb.Caps.CapSet(pb.Caps.All())
	if d.noMerge {
		caps = pb.Caps.CapSet(slices.DeleteFunc(pb.Caps.All(), func(c *apicapspb.APICap) bool { return c.ID == string(pb.CapMergeOp) }))
	}
	return client.BuildOpts{
		Opts: d.opts, Caps: gwpb.Caps.CapSet(gwpb.Caps.All()), LLBCaps: caps,
		Workers: []client.WorkerInfo{{Platforms: []ocispecs.Platform{{OS: "linux", Architecture: "amd64"}}}},
	}
}

func (d *daemon) CurrentFrontend() (*llb.State, error) {
	st := llb.Image("example.invalid/dt-frontend@sha256:" + strings.Repeat("89", 32))
	return &st, nil
}

func (d *daemon) Inputs(context.Context) (map[string]llb.State, error) { return nil, nil }

func (d *daemon) Warn(_ context.Context, _ digest.Digest, msg string, opts client.WarnOpts) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.texts, d.warnings = append(d.texts, msg), append(d.warnings, opts)
	return nil
}

func (d *daemon) ResolveImageConfig(_ context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	img := d.image
	if other, ok := d.images[ref]; ok {
		img = other
	}
	if p := opt.ImageOpt; p != nil && p.Platform != nil && d.image.Architecture == "amd64" {
		img.Platform = *p.Platform
	}
	dt, err := json.Marshal(img)
	return ref, digest.FromBytes(dt), dt, err
}

// Solve returns what the last operation of a definition leaves.
func (d *daemon) Solve(_ context.Context, req client.SolveRequest) (*client.Result, error) {
	d.mu.Lock()
	d.asked = append(d.asked, req.Definition)
	d.mu.Unlock()
	res := client.NewResult()
	if req.Definition == nil || len(req.Definition.Def) == 0 {
		return res, nil
	}
	name, files, err := d.outcome(req.Definition)
	if err := d.fail[name]; err != nil && req.Evaluate {
		return nil, err
	}
	res.SetRef(&reference{def: req.Definition, files: files})
	return res, err
}

// outcome returns the name of the operation that a definition ends with, and
// the files that it leaves.
func (d *daemon) outcome(def *pb.Definition) (string, tree, error) {
	ops := map[string]*pb.Op{}
	var last *pb.Op
	for i, op := range decode(def) {
		ops[digest.FromBytes(def.Def[i]).String()], last = op, op
	}
	op := ops[last.Inputs[0].Digest]
	switch {
	case op.GetSource() != nil && strings.HasPrefix(op.GetSource().Identifier, "local://"):
		return "context", tree{"Dockerfile": d.dockerfile}, nil
	case op.GetSource() != nil:
		return "base", d.base, nil
	case op.GetExec() != nil && op.GetExec().Meta.Args[0] == "/bin/dt-install":
		name := op.GetExec().Meta.Args[1]
		files, err := d.documents(op.GetExec().Meta.Args)
		return name, files, err
	}
	files := tree{}
	for _, more := range []tree{d.base, d.app} {
		for name, text := range more {
			files[name] = text
		}
	}
	return "app", files, nil
}

// documents are what a step of ours leaves.
func (d *daemon) documents(args []string) (tree, error) {
	out := tree{}
	put := func(name string, v any) error {
		dt, err := json.Marshal(v)
		out[name] = string(dt)
		return err
	}
	if args[1] == "install" || args[1] == "import" {
		return out, put(agent.InstalledFile, d.installed)
	}
	err := put(agent.ReportFile, d.report)
	for i, arg := range args {
		if arg == "--agent" && err == nil {
			words := strings.Split(args[i+1], "/")
			err = put(words[0]+"-"+words[1]+"/"+agent.ResolvedFile, agent.Resolved{Version: installedVersion})
		}
	}
	return out, err
}

// tree is the files of an image: their content by path, "-> target" for a
// symlink, and "/" for an empty directory.
type tree map[string]string

// reference is a result that can be looked into.
type reference struct {
	client.Reference
	def   *pb.Definition
	files tree
}

func (r *reference) ReadFile(_ context.Context, req client.ReadRequest) ([]byte, error) {
	text, ok := r.files[strings.TrimPrefix(req.Filename, "/")]
	if !ok {
		return nil, fmt.Errorf("%s: %w", req.Filename, os.ErrNotExist)
	}
	return []byte(text), nil
}

func (r *reference) StatFile(_ context.Context, req client.StatRequest) (*types.Stat, error) {
	if text, ok := r.files[strings.TrimPrefix(req.Path, "/")]; ok {
		return &types.Stat{Path: path.Base(req.Path), Mode: 0o644, Size: int64(len(text))}, nil
	}
	return nil, fmt.Errorf("%s: %w", req.Path, os.ErrNotExist)
}

func (r *reference) ReadDir(_ context.Context, req client.ReadDirRequest) ([]*types.Stat, error) {
	found := map[string]*types.Stat{}
	for name, text := range r.files {
		rest, ok := strings.CutPrefix("/"+name, strings.TrimSuffix(req.Path, "/")+"/")
		if !ok {
			continue
		}
		base, below, _ := strings.Cut(rest, "/")
		st := &types.Stat{Path: base, Mode: 0o755, Size: int64(len(text))}
		target, link := strings.CutPrefix(text, "-> ")
		switch {
		case below != "" || text == "/":
			st.Mode = uint32(os.ModeDir | 0o755)
		case link:
			st.Mode, st.Linkname = uint32(os.ModeSymlink|0o777), target
		}
		if req.IncludePattern == "" || req.IncludePattern == base {
			found[base] = st
		}
	}
	var out []*types.Stat
	for _, st := range found {
		out = append(out, st)
	}
	slices.SortFunc(out, func(a, b *types.Stat) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

package solve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/gateway/client"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
	"github.com/tonistiigi/fsutil/types"
)

// output is what a step left: content by name.
type output struct {
	client.Reference
	files map[string]string
}

func (o output) StatFile(context.Context, client.StatRequest) (*types.Stat, error) {
	return nil, fs.ErrNotExist
}

func (o output) ReadFile(_ context.Context, req client.ReadRequest) ([]byte, error) {
	text, ok := o.files[req.Filename]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return []byte(text), nil
}

func TestReport_WarnsAndFailsAsTheStepDoes(t *testing.T) {
	var warned []string
	warn := func(text string) { warned = append(warned, text) }
	good := output{files: map[string]string{"report.json": `{"warnings":["a","b"],"ca":"sha256:cc"}`}}
	r, err := Report(t.Context(), good, warn)
	require.NoError(t, err)
	require.Equal(t, "sha256:cc", r.CA)
	require.Equal(t, []string{"a", "b"}, warned)

	bad := output{files: map[string]string{"report.json": `{"warnings":["c"],"failure":"no token","cause":"missing-secret"}`}}
	_, err = Report(t.Context(), bad, warn)
	require.Equal(t, &notice.Error{Message: "no token", Cause: agent.CauseSecret}, err)
	require.Equal(t, []string{"a", "b", "c"}, warned)

	_, err = Report(t.Context(), output{}, warn)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, "reading report.json of a build step")
	_, err = Report(t.Context(), output{files: map[string]string{"report.json": "{"}}, warn)
	require.ErrorContains(t, err, "decoding report.json of a build step")
}

// configs counts how often a registry is asked.
type configs struct {
	client.Client
	asked []string
	err   error
}

func (c *configs) ResolveImageConfig(_ context.Context, ref string, opt sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	c.asked = append(c.asked, ref)
	arch := ""
	if opt.ImageOpt != nil {
		arch = opt.ImageOpt.Platform.Architecture
	}
	return ref + "!", digest.FromString(ref + arch), []byte(ref + arch), c.err
}

func TestImageConfigs_AsksOnceForEachImageAndPlatform(t *testing.T) {
	registry := &configs{}
	c := CacheImageConfigs(registry)
	for range 2 {
		for _, arch := range []string{"amd64", "arm64"} {
			opt := sourceresolver.Opt{ImageOpt: &sourceresolver.ResolveImageOpt{Platform: &ocispecs.Platform{Architecture: arch}}}
			ref, dgst, config, err := c.ResolveImageConfig(t.Context(), "a", opt)
			require.NoError(t, err)
			require.Equal(t, []string{"a!", digest.FromString("a" + arch).String(), "a" + arch}, []string{ref, dgst.String(), string(config)})
		}
		_, _, config, err := c.ResolveImageConfig(t.Context(), "b", sourceresolver.Opt{})
		require.NoError(t, err)
		require.Equal(t, "b", string(config))
	}
	require.Equal(t, []string{"a", "a", "b"}, registry.asked)
}

func TestImageConfigs_RemembersErrors(t *testing.T) {
	registry := &configs{err: errors.New("no such image")}
	c := CacheImageConfigs(registry)
	for range 2 {
		_, _, _, err := c.ResolveImageConfig(t.Context(), "a", sourceresolver.Opt{})
		require.ErrorIs(t, err, registry.err)
	}
	require.Len(t, registry.asked, 1)
}

func TestSolver_HandsOnTheCachesAndTheOptions(t *testing.T) {
	builder := &recorder{}
	caches := []client.CacheOptionsEntry{{Type: "registry", Attrs: map[string]string{"ref": "a"}}}
	s := Solver{Client: builder, CacheImports: caches}
	st := llb.Image("example.invalid/app").Run(llb.Args([]string{"app"})).Root()
	_, err := s.Lazy(t.Context(), st, llb.IgnoreCache)
	require.NoError(t, err)
	require.False(t, builder.asks[0].Evaluate)
	require.Equal(t, caches, builder.asks[0].CacheImports)
	require.NotEmpty(t, builder.asks[0].Definition.Def)
	require.Equal(t, []string{"app"}, builder.anew(t))
	_, err = s.Evaluate(t.Context(), st)
	require.NoError(t, err)
	require.True(t, builder.asks[1].Evaluate)

	_, err = s.Lazy(t.Context(), llb.Scratch().Async(func(context.Context, llb.State, *llb.Constraints) (llb.State, error) {
		return llb.State{}, fmt.Errorf("no such base")
	}).File(llb.Mkdir("/a", 0o755)))
	require.ErrorContains(t, err, "marshalling the build graph")
	require.Len(t, builder.asks, 2)
}

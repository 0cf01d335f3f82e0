package check

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/app"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/stretchr/testify/require"
)

// base is a base image's config, for whoever asks for an image.
type base struct {
	client.Client
	config dockerspec.DockerOCIImageConfig
}

func (b base) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	img := dockerspec.DockerOCIImage{Image: ocispecs.Image{Platform: linuxAMD64}, Config: b.config}
	dt, err := json.Marshal(img)
	return ref, digest.FromBytes(dt), dt, err
}

// configOf returns a base image's config.
func configOf(env []string, onBuild ...string) dockerspec.DockerOCIImageConfig {
	var c dockerspec.DockerOCIImageConfig
	c.Env, c.OnBuild = env, onBuild
	return c
}

var linuxAMD64 = ocispecs.Platform{OS: "linux", Architecture: "amd64"}

// attempt is a build up to the point where something would run.
type attempt struct {
	*Checks
	app *app.App
	// sent are what the client would see.
	sent []string
}

// try converts a Dockerfile and checks its app. Enforced are keys that the
// frontend image does not let be changed.
func try(t *testing.T, dockerfile, options, enforced string, from dockerspec.DockerOCIImageConfig) (*attempt, error) {
	t.Helper()
	source := llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", []byte(dockerfile))
	a := &attempt{}
	src := &dockerui.Source{SourceMap: source, Warn: func(_ context.Context, msg string, _ client.WarnOpts) { a.sent = append(a.sent, msg) }}
	a.Checks = &Checks{Dockerfile: []byte(dockerfile), SourceMap: source, Warnings: notice.NewWarnings(src, nil, 1)}
	a.OptionLine = func(...string) []parser.Range { return a.Warnings.Syntax }
	var err error
	a.Options, _, err = option.Merge([]option.Source{{Text: options}}, enforced)
	require.NoError(t, err)
	opt := dockerfile2llb.ConvertOpt{SourceMap: source, MetaResolver: base{config: from}, TargetPlatform: &linuxAMD64}
	opt.BuildPlatforms = []ocispecs.Platform{linuxAMD64}
	res, err := dockerfile2llb.Dockerfile2LLB(t.Context(), []byte(dockerfile), opt)
	require.NoError(t, err)
	a.app = &app.App{Result: res}
	if err := a.Text(t.Context()); err != nil {
		return a, err
	}
	if err := a.Secrets(t.Context(), a.app, llb.Platform(linuxAMD64)); err != nil {
		return a, err
	}
	return a, a.Config(t.Context(), a.app)
}

// said returns the warnings of a build that have a word in them.
func (a *attempt) said(word string) []string {
	var out []string
	for _, w := range a.sent {
		if strings.Contains(w, word) {
			out = append(out, w)
		}
	}
	return out
}

func requireFailure(t *testing.T, err error, line int, words ...string) {
	t.Helper()
	var f *notice.Error
	require.ErrorAs(t, err, &f)
	require.Equal(t, line, f.Line, f.Message)
	for _, w := range words {
		require.Contains(t, f.Message, w)
	}
}

// token has the form of the vendor's.
func token() string {
	return "dt0" + "c01." + rand.Text()[:24] + "." + (rand.Text() + rand.Text() + rand.Text())[:64]
}

package frontend

import (
	"context"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// optioned is a client that asks for a build with some options.
type optioned struct {
	client.Client
	opts map[string]string
}

func (o optioned) BuildOpts() client.BuildOpts {
	return client.BuildOpts{Opts: o.opts, LLBCaps: pb.Caps.CapSet(pb.Caps.All())}
}

// A finding is marked where the user can mend it.
func TestTechnologyIsMarkedWhereItWasSet(t *testing.T) {
	for name, tt := range map[string]struct {
		dockerfile, arg string
		line            int
	}{
		"syntax line":                {"# syntax=dt include=php;flavor=musl\nFROM scratch\n", "", 1},
		"directive":                  {"# syntax=dt\n# dynatrace=include=php;flavor=musl\nFROM scratch\n", "", 2},
		"flavor of the directive":    {"# syntax=dt include=php\n# dynatrace=flavor=musl\nFROM scratch\n", "", 2},
		"include of the directive":   {"# syntax=dt flavor=musl\n# dynatrace=include=php\nFROM scratch\n", "", 2},
		"another key of it":          {"# syntax=dt include=php;flavor=musl\n# dynatrace=fips=on\nFROM scratch\n", "", 1},
		"below another directive":    {"# syntax=dt\n# check=skip=none\n# dynatrace=include=php\nFROM scratch\n", "flavor=musl", 3},
		"the build arg overrules it": {"# syntax=dt\n# dynatrace=include=java\nFROM scratch\n", "include=php;flavor=musl", 1},
	} {
		t.Run(name, func(t *testing.T) {
			bc, err := dockerui.NewClient(optioned{opts: map[string]string{"source": "dt", "build-arg:" + argOptions: tt.arg}})
			require.NoError(t, err)
			var lines []int
			src := &dockerui.Source{
				SourceMap: &llb.SourceMap{Data: []byte(tt.dockerfile)},
				Warn: func(_ context.Context, _ string, opts client.WarnOpts) {
					lines = append(lines, int(opts.Range[0].Start.Line))
				},
			}
			r := &request{Client: bc, src: src, warnings: notice.NewWarnings(src, bc.BuildOpts().Opts, 1)}
			r.settings, err = readSettings(src.Data, bc, func(string) string { return "" })
			require.NoError(t, err)
			require.NoError(t, r.checks(r.settings.options).Technologies(t.Context(), agent.Spec{Flavor: r.settings.options.Flavor, Include: r.settings.options.Include}))
			require.Equal(t, []int{tt.line}, lines)
		})
	}
}

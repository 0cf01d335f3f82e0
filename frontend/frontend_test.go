package frontend

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/gateway/client"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
	"github.com/tonistiigi/fsutil/types"
)

func TestSpecFor(t *testing.T) {
	for arch, want := range map[string]agent.Arch{"amd64": "x86", "arm64": "arm", "ppc64le": "ppcle", "s390x": "s390"} {
		spec, err := specFor(ocispecs.Platform{OS: "linux", Architecture: arch}, option.Options{})
		require.NoError(t, err)
		require.Equal(t, want, spec.Arch)
	}
	for _, p := range []ocispecs.Platform{
		{OS: "windows", Architecture: "amd64"},
		{OS: "linux", Architecture: "riscv64"},
		{OS: "linux", Architecture: "arm", Variant: "v7"},
	} {
		_, err := specFor(p, option.Options{})
		require.ErrorContains(t, err, "build for one of linux/amd64, linux/arm64, linux/ppc64le, linux/s390x")
	}
}

func TestSpecsForNamesEachOnce(t *testing.T) {
	p := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	targets := []ocispecs.Platform{p, p, {OS: "linux", Architecture: "arm64"}}
	specs, err := specsFor(targets, option.Options{Flavor: agent.FlavorMusl, Include: []string{"java"}})
	require.NoError(t, err)
	require.Equal(t, []agent.Spec{
		{Arch: agent.ArchX86, Flavor: agent.FlavorMusl, Include: []string{"java"}},
		{Arch: agent.ArchARM, Flavor: agent.FlavorMusl, Include: []string{"java"}},
	}, specs)

	// Which flavor fits is known later.
	specs, err = specsFor(targets, option.Options{})
	require.NoError(t, err)
	require.Len(t, specs, 6)
}

func TestUndocumented(t *testing.T) {
	require.Equal(t, []string{"php"}, undocumented(agent.Spec{Flavor: agent.FlavorMusl, Include: []string{"java", "php"}}))
	require.Empty(t, undocumented(agent.Spec{Flavor: agent.FlavorMusl}))
	require.Empty(t, undocumented(agent.Spec{Flavor: agent.FlavorDefault, Include: []string{"php"}}))
}

func TestValidateCaps(t *testing.T) {
	require.NoError(t, validateCaps(""))
	require.NoError(t, validateCaps("moby.buildkit.frontend.inputs,moby.buildkit.frontend.contexts+forward"))
	require.ErrorContains(t, validateCaps("moby.buildkit.frontend.unheard"), "unheard")
}

func TestProxyFromBuildArgs(t *testing.T) {
	require.Nil(t, proxyFromBuildArgs(map[string]string{"A": "b"}))
	require.Equal(t, &llb.ProxyEnv{HTTPProxy: "lower", NoProxy: "n", AllProxy: "a"},
		proxyFromBuildArgs(map[string]string{"HTTP_PROXY": "upper", "http_proxy": "lower", "No_Proxy": "n", "all_proxy": "a"}))
}

func TestGuardTurnsAPanicIntoAnError(t *testing.T) {
	err := guard(func() error { panic("boom") })()
	require.ErrorContains(t, err, "dynatrace: internal error: boom")
	require.NotContains(t, err.Error(), "goroutine")
	require.NoError(t, guard(func() error { return nil })())
}

func TestBuildOutlivesAPanic(t *testing.T) {
	_, err := Build(t.Context(), struct{ client.Client }{})
	require.ErrorContains(t, err, "dynatrace: internal error")
}

// folder is a reference that lists entries.
type folder struct {
	client.Reference
	entries map[string][]*types.Stat
}

func (f folder) ReadDir(_ context.Context, req client.ReadDirRequest) ([]*types.Stat, error) {
	return f.entries[req.Path], nil
}

func TestLookAt(t *testing.T) {
	dir := func(perm os.FileMode) *types.Stat {
		return &types.Stat{Path: "opt", Mode: uint32(os.ModeDir | perm)}
	}
	owned := dir(0o755)
	owned.Uid = 7
	tests := map[string]struct {
		opt  *types.Stat
		want place
	}{
		"none":    {nil, place{plain: true}},
		"plain":   {dir(0o755), place{plain: true}},
		"mode":    {dir(0o700), place{}},
		"sticky":  {dir(0o755 | os.ModeSticky), place{}},
		"owner":   {owned, place{}},
		"symlink": {&types.Stat{Path: "opt", Mode: uint32(os.ModeSymlink | 0o777), Linkname: "/usr/opt"}, place{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := folder{entries: map[string][]*types.Stat{}}
			if tt.opt != nil {
				f.entries["/"] = []*types.Stat{tt.opt}
			}
			got, err := lookAt(t.Context(), f)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}

	f := folder{entries: map[string][]*types.Stat{
		"/":              {dir(0o755)},
		"/opt":           {{Path: "dynatrace", Mode: uint32(os.ModeDir | 0o755)}},
		"/opt/dynatrace": {{Path: "mine", Mode: 0o644}},
	}}
	got, err := lookAt(t.Context(), f)
	require.NoError(t, err)
	require.Equal(t, place{plain: true}, got, "the app's own files are left alone")

	f.entries["/opt/dynatrace"] = []*types.Stat{{Path: "oneagent", Mode: uint32(os.ModeDir | 0o755)}}
	got, err = lookAt(t.Context(), f)
	require.NoError(t, err)
	require.Equal(t, place{plain: true, occupied: true}, got)

	f = folder{entries: map[string][]*types.Stat{"/": {{Path: "opt", Mode: 0o644}}}}
	_, err = lookAt(t.Context(), f)
	require.ErrorContains(t, err, "/opt in the image is a file")

	got, err = lookAt(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, place{plain: true}, got, "an empty image")
}

func TestSyntaxLine(t *testing.T) {
	ours := []byte("# escape=`\n# syntax=org/dt-frontend include=java\nFROM scratch\n")
	opts := map[string]string{"source": "org/dt-frontend"}
	loc := syntaxLine(ours, opts)
	require.Len(t, loc, 1)
	require.Equal(t, 2, loc[0].Start.Line)
	require.Nil(t, syntaxLine([]byte("FROM scratch\n"), opts))
	require.Nil(t, syntaxLine([]byte("# syntax=docker/dockerfile:1\nFROM scratch\n"), opts), "it asks for another")
	require.Nil(t, syntaxLine(ours, map[string]string{"source": "org/dt-frontend", "build-arg:BUILDKIT_SYNTAX": "org/dt-frontend"}))
}

func TestOnlyOurStepsHaveReports(t *testing.T) {
	err := errors.New("process failed")
	_, ok := failedOutput(err)
	require.False(t, ok)
	require.Equal(t, err, stepFailure(t.Context(), solver{}, llb.Scratch(), err))
}

func TestBillOfMaterials(t *testing.T) {
	in := installed
	in.Installer = "0123"
	a, err := billOfMaterials(in)
	require.NoError(t, err)
	b, err := billOfMaterials(in)
	require.NoError(t, err)
	require.Equal(t, a, b, "it is in a layer that images share")
	var doc struct {
		SPDXVersion string `json:"spdxVersion"`
		Packages    []struct {
			Name    string `json:"name"`
			Version string `json:"versionInfo"`
		} `json:"packages"`
	}
	require.NoError(t, json.Unmarshal(a, &doc))
	require.Equal(t, "SPDX-2.3", doc.SPDXVersion)
	require.Equal(t, "oneagent", doc.Packages[0].Name)
	require.Equal(t, installed.Version, doc.Packages[0].Version)
}

func TestRuntimePayloadHoldsNoAgent(t *testing.T) {
	p, err := runtimePayload(llb.Scratch(), option.Options{Include: []string{"java"}}, nil, agent.ArchX86,
		ocispecs.Platform{OS: "linux", Architecture: "amd64"})
	require.NoError(t, err)
	require.Len(t, p.layers, 2, "helper and settings")
	require.Empty(t, p.agentLayer)
	require.Equal(t, map[string]string{agent.LabelMode: "runtime", agent.LabelTechnologies: "java"}, p.labels)
}

func TestBoundedBuffer(t *testing.T) {
	b := &boundedBuffer{max: 4}
	_, err := b.Write([]byte("abcd"))
	require.NoError(t, err)
	_, err = b.Write([]byte("e"))
	require.Error(t, err)
}

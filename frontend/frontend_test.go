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
		"none":    {nil, place{}},
		"plain":   {dir(0o755), place{}},
		"mode":    {dir(0o700), place{agent: site{odd: "/opt"}}},
		"sticky":  {dir(0o755 | os.ModeSticky), place{agent: site{odd: "/opt"}}},
		"owner":   {owned, place{agent: site{odd: "/opt"}}},
		"symlink": {&types.Stat{Path: "opt", Mode: uint32(os.ModeSymlink | 0o777), Linkname: "/usr/opt"}, place{agent: site{odd: "/opt"}}},
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
	require.Equal(t, place{}, got, "the app's own files are left alone")

	f.entries["/opt/dynatrace"] = []*types.Stat{{Path: "oneagent", Mode: uint32(os.ModeDir | 0o755)}}
	got, err = lookAt(t.Context(), f)
	require.NoError(t, err)
	require.Equal(t, place{agent: site{occupied: true}}, got)

	f = folder{entries: map[string][]*types.Stat{"/": {{Path: "opt", Mode: 0o644}}}}
	_, err = lookAt(t.Context(), f)
	require.ErrorContains(t, err, "/opt in the image is a file")

	got, err = lookAt(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, place{}, got, "an empty image")
}

// The certificates have a place of their own, with directories of other owners
// above it.
func TestLookAt_Certificates(t *testing.T) {
	dir := func(name string) *types.Stat { return &types.Stat{Path: name, Mode: uint32(os.ModeDir | 0o755)} }
	link := func(name string) *types.Stat {
		return &types.Stat{Path: name, Mode: uint32(os.ModeSymlink | 0o777), Linkname: "/data"}
	}
	others := dir("lib")
	others.Gid = 50
	keys := "/var/lib/dynatrace/oneagent/agent/customkeys"
	for name, tt := range map[string]struct {
		entries map[string][]*types.Stat
		want    site
	}{
		"no /var":            {map[string][]*types.Stat{}, site{}},
		"plain":              {map[string][]*types.Stat{"/": {dir("var")}, "/var": {dir("lib")}}, site{}},
		"a symlink":          {map[string][]*types.Stat{"/": {link("var"), dir("data")}, "/data": {dir("lib")}}, site{odd: "/var"}},
		"a symlink below":    {map[string][]*types.Stat{"/": {dir("var")}, "/var": {link("lib")}}, site{odd: "/var/lib"}},
		"another group":      {map[string][]*types.Stat{"/": {dir("var")}, "/var": {others}}, site{odd: "/var/lib"}},
		"a file in the path": {map[string][]*types.Stat{"/": {dir("var")}, "/var": {dir("lib")}, "/var/lib": {{Path: "dynatrace", Mode: 0o644}}}, site{blocked: "/var/lib/dynatrace"}},
		"certificates": {map[string][]*types.Stat{
			"/": {dir("var")}, "/var": {dir("lib")}, "/var/lib": {dir("dynatrace")}, "/var/lib/dynatrace": {dir("oneagent")},
			"/var/lib/dynatrace/oneagent": {dir("agent")}, "/var/lib/dynatrace/oneagent/agent": {dir("customkeys")}, keys: {link("custom.pem")},
		}, site{occupied: true}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := lookAt(t.Context(), folder{entries: tt.entries})
			require.NoError(t, err)
			require.Equal(t, place{ca: tt.want}, got)
		})
	}
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

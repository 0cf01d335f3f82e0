package delivery

import (
	"maps"
	"testing"
	"time"

	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/moby/buildkit/solver/pb"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

func TestContextOptions_KeepWhatTheContextLeavesOpen(t *testing.T) {
	t.Parallel()
	digest := option.Pins{{Digest: "sha256:0"}}
	all := option.Options{
		Version: "1.2", Flavor: "musl", Layers: digest, FIPS: true, NetworkZone: "z", PreloadEnv: true,
		Include: []string{"java"}, Checksums: digest, Archive: true, Config: true, HostGroup: "g",
	}
	var said []string
	got, err := ContextOptions(all, func(text string) { said = append(said, text) })
	require.NoError(t, err)
	require.Equal(t, option.Options{Version: "1.2", Flavor: "musl", Layers: digest, FIPS: true, NetworkZone: "z", PreloadEnv: true}, got)
	var want []string
	for _, key := range []string{"include", "checksum", "installer", "config", "host-group"} {
		want = append(want, key+" does not count: the build context dynatrace-agent brings its own agent")
	}
	require.Equal(t, want, said)

	said = nil
	got, err = ContextOptions(option.Options{IncludeAuto: true}, func(text string) { said = append(said, text) })
	require.NoError(t, err)
	require.Equal(t, option.Options{}, got)
	require.Len(t, said, 1)
}

func TestContextOptions_RefuseWhatIsEnforced(t *testing.T) {
	t.Parallel()
	for key, o := range map[string]option.Options{
		"include": {Include: []string{"java"}}, "checksum": {Checksums: option.Pins{{Digest: "sha256:0"}}}, "installer": {Archive: true},
		"config": {Config: true}, "host-group": {HostGroup: "g"},
	} {
		o.Enforced = []string{key}
		_, err := ContextOptions(o, func(string) { t.Error("nothing is to be said") })
		var f *notice.Error
		require.ErrorAs(t, err, &f, key)
		require.Contains(t, f.Message, key+" is set by the frontend image, which does not let it be changed, and is not possible with an agent of the build context dynatrace-agent")
		_, err = ContextOptions(option.Options{Enforced: []string{key}}, func(string) {})
		require.NoError(t, err, "%s: it has its default", key)
	}
}

func TestHasContext_KnowsThoseOfPlatforms(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]bool{
		"context:dynatrace-agent": true, "context:dynatrace-agent::linux/amd64": true, "context:dynatrace-agents": false,
		"context:dynatrace-agent:x": false, "build-arg:context:dynatrace-agent": false,
	} {
		require.Equal(t, want, hasContext(map[string]string{"a": "b", key: "x"}), key)
	}
	require.False(t, hasContext(nil))
}

// asked is a client with options.
type asked struct {
	client.Client
	opts map[string]string
}

func (a asked) BuildOpts() client.BuildOpts {
	return client.BuildOpts{Opts: a.opts, SessionID: "session"}
}

func TestWithOption_LeavesTheClientsOwn(t *testing.T) {
	t.Parallel()
	for _, opts := range []map[string]string{nil, {"a": "b"}} {
		before := maps.Clone(opts)
		got := withOption{asked{opts: opts}, "key", "value"}.BuildOpts()
		require.Equal(t, "value", got.Opts["key"])
		require.Equal(t, opts["a"], got.Opts["a"])
		require.Equal(t, "session", got.SessionID)
		require.Equal(t, before, opts)
	}
}

func TestFits_ComparesFlavorAndVersion(t *testing.T) {
	t.Parallel()
	in := agent.Installed{Flavor: "musl", Version: "1.2"}
	require.NoError(t, fits(in, agent.Spec{Flavor: "musl"}))
	require.NoError(t, fits(in, agent.Spec{Flavor: "musl", Version: "1.2"}))
	require.NoError(t, fits(agent.Installed{Flavor: "multidistro", Version: "1.2"}, agent.Spec{Flavor: "default", Version: "1.2"}))
	err := fits(in, agent.Spec{Flavor: "default"})
	require.ErrorContains(t, err, "is for flavor musl, but this image needs default: name one that fits, or one of flavor multidistro")
	var f *notice.Error
	require.ErrorAs(t, fits(in, agent.Spec{Flavor: "musl", Version: "1.3"}), &f)
	require.Equal(t, "the agent image in the build context dynatrace-agent has version 1.2, but version asks for 1.3", f.Message)
	require.Equal(t, agent.CausePin, f.Cause, "a version that does not fit is not skipped")
}

func TestIsOld_TakesOtherTimesForAnotherBuilds(t *testing.T) {
	t.Parallel()
	d := &deliveries{started: time.Now().Add(-time.Minute)}
	for name, tt := range map[string]struct {
		at   time.Time
		want bool
	}{
		"nothing was downloaded": {time.Time{}, false},
		"before":                 {d.started.Add(-time.Second), true},
		"since":                  {d.started.Add(time.Second), false},
		"of another clock":       {time.Now().Add(time.Hour), true},
	} {
		require.Equal(t, tt.want, d.isOld(tt.at), name)
	}
}

func TestRequireNetwork_RefusesNone(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, requireNetwork(pb.NetMode_NONE), "--network=none leaves no way to the cluster")
	require.NoError(t, requireNetwork(pb.NetMode_HOST))
	require.NoError(t, requireNetwork(pb.NetMode_UNSET))
}

func TestKnows_WhatIsThereAndWhatIsNot(t *testing.T) {
	t.Parallel()
	here, away, other := agent.Spec{Arch: "x86", Flavor: "musl"}, agent.Spec{Arch: "arm", Flavor: "musl"}, agent.Spec{Arch: "s390", Flavor: "default"}
	r := &resolution{resolved: map[string]agent.Resolved{here.Key(): {}}, unavailable: map[string]string{away.Key(): "why"}}
	require.Equal(t, []bool{true, true, false}, []bool{r.knows(here), r.knows(away), r.knows(other)})
}

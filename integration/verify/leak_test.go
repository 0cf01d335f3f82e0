package verify

import (
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/daemon"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// TestSecrets_AreLeftNowhere builds with random values for everything that ties
// an agent to its environment, lets builds work, fail and be cancelled, and then
// looks for the values in all that BuildKit leaves. The installers of these
// clusters hold links, which is why they are kept sealed.
//
// There is one exception: an install step that is cancelled is killed, and has
// no time to remove the installer and its tree. They are garbage of the builder
// and there until it collects that. A build that fails leaves none.
func TestSecrets_AreLeftNowhere(t *testing.T) {
	w := &witness{daemon: daemon.New(t, daemon.Options{Debug: true})}
	t.Run("works", func(t *testing.T) { works(t, w) })
	t.Run("works without a cache", func(t *testing.T) { worksAnew(t, w) })
	for _, tt := range []struct {
		name  string
		fault cluster.Fault
		want  []string
	}{
		{"resolve fails", cluster.Fault{Kind: cluster.FaultEcho, On: []cluster.Endpoint{cluster.EndpointMetainfo}}, []string{"the cluster rejected the request (400): You sent"}},
		{"download fails", cluster.Fault{Kind: cluster.FaultEcho, On: []cluster.Endpoint{cluster.EndpointInstaller}}, []string{"downloading OneAgent", "the cluster rejected the request (400): You sent"}},
		{"install fails", cluster.Fault{Kind: cluster.FaultTellsAndFails}, []string{"the installer failed (exit status 9); its last line: \"Authorization: <DT_API_TOKEN>"}},
		{"install leaves secrets", cluster.Fault{Kind: cluster.FaultTells}, cluster.PlantedPaths},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSubject(t, cluster.WithIgnoredSkipMetadata())
			s.env.SetFault(tt.fault)
			r := buildx.Fails(t, w.request(s))
			for _, want := range tt.want {
				require.Contains(t, buildx.LastError(t, r), want)
			}
			w.search(t, s, r)
		})
	}
	for _, tt := range []struct {
		name  string
		fault cluster.Fault
		there func(s *subject) bool
		after func(t *testing.T, s *subject)
	}{
		{"resolve is cancelled", cluster.Fault{Kind: cluster.FaultStall, On: []cluster.Endpoint{cluster.EndpointMetainfo}}, stalled, nil},
		{"download is cancelled", cluster.Fault{Kind: cluster.FaultStall, On: []cluster.Endpoint{cluster.EndpointInstaller}}, stalled, nil},
		{"install is cancelled", cluster.Fault{Kind: cluster.FaultTellsAndHangs}, func(*subject) bool { return w.holds(t, "agent/hanging") }, func(t *testing.T, s *subject) { w.collect(t, s) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSubject(t, cluster.WithIgnoredSkipMetadata())
			s.env.SetFault(tt.fault)
			request := w.request(s)
			request.During = func(b *buildx.Running) {
				require.Eventually(t, func() bool { return tt.there(s) }, time.Minute, 20*time.Millisecond, "%s", b)
				b.Interrupt()
			}
			r := buildx.Fails(t, request)
			require.Contains(t, buildx.LastError(t, r), "context canceled")
			if tt.after != nil {
				tt.after(t, s)
			}
			w.search(t, s, r)
		})
	}
	w.searchEnded(t)
}

func stalled(s *subject) bool { return s.env.Stalled() > 0 }

package verify_test

import (
	"encoding/json"
	"strings"
	"testing"

	digest "github.com/opencontainers/go-digest"
	"github.com/org/dt-frontend/integration/standin/front"
	"github.com/org/dt-frontend/integration/standin/leaky"
	"github.com/org/dt-frontend/internal/verify"
	"github.com/stretchr/testify/require"
)

func TestAudit_SaysThatAnImageWasBuiltWithoutAnAgent(t *testing.T) {
	t.Parallel()
	for label, want := range map[string]string{
		"off": "it was built without an agent, as its label says", "build": "there is no agent in it", "": "there is no agent in it",
	} {
		img := app()
		if label != "" {
			img.Label("com.dynatrace.oneagent.mode", label)
		}
		r := audit(t, img, verify.Options{})
		require.Equal(t, verify.NotInstrumented, r.Verdict)
		require.Equal(t, want, r.Platforms[0].Reason, label)
		require.Empty(t, r.Platforms[0].By, label)
		require.Empty(t, r.Platforms[0].Mode, label)
		require.Empty(t, r.Platforms[0].Start, label)
	}
}

// Programs that read a report find lists where nothing is listed.
func TestAudit_HasListsInItsReport(t *testing.T) {
	t.Parallel()
	dt, err := json.Marshal(audit(t, app(), verify.Options{}))
	require.NoError(t, err)
	var got map[string]any
	require.NoError(t, json.Unmarshal(dt, &got))
	for _, key := range []string{"leaks", "unseen"} {
		require.Equal(t, []any{}, got[key], key)
	}
	require.Len(t, got["platforms"], 1)
}

// A run-time image needs no agent, and says its mode by its settings or label.
func TestAudit_KnowsAnImageOfTheRuntimeMode(t *testing.T) {
	t.Parallel()
	_, entrypoint := start()
	helper := []leaky.File{{Name: "opt/dynatrace/dt-start", Content: "#!", Exec: true}}
	for name, img := range map[string]*leaky.Image{
		"by its label":    leaky.New("x", entrypoint, helper, []leaky.File{{Name: "opt/dynatrace/dt-start.json", Content: `{"mode":"runtime","version":"1.2.3"}`}}).Label("com.dynatrace.oneagent.mode", "runtime"),
		"by its settings": leaky.New("x", entrypoint, helper, []leaky.File{{Name: "opt/dynatrace/dt-start.json", Content: `{"mode":"runtime","version":"1.2.3"}`}}),
	} {
		p := audit(t, img, verify.Options{}).Platforms[0]
		require.True(t, p.Instrumented, "%s: %s", name, p.Reason)
		require.Equal(t, []string{"dt-frontend", "runtime", "1.2.3", "dt-start"}, []string{string(p.By), p.Mode, p.Version, string(p.Start)}, name)
	}
	p := audit(t, leaky.New("x", entrypoint, helper, []leaky.File{{Name: "opt/dynatrace/dt-start.json", Content: `{"mode":"other"}`}}), verify.Options{}).Platforms[0]
	require.False(t, p.Instrumented)
}

// What the labels say counts where the agent's files say nothing.
func TestAudit_TakesTheLabelsWhereFilesAreSilent(t *testing.T) {
	t.Parallel()
	_, entrypoint := start()
	img := leaky.New("x", entrypoint, []leaky.File{{Name: "opt/dynatrace/dt-start", Content: "#!", Exec: true}, {Name: "opt/dynatrace/dt-start.json", Content: `{"mode":"runtime"}`}})
	for name, value := range map[string]string{"mode": "runtime", "version": "1.2.9", "flavor": "musl", "technologies": "java,nginx"} {
		img.Label("com.dynatrace.oneagent."+name, value)
	}
	p := audit(t, img, verify.Options{}).Platforms[0]
	require.Equal(t, []string{"1.2.9", "musl"}, []string{p.Version, p.Flavor})
	require.Equal(t, []string{"java", "nginx"}, p.Technologies)
	require.Empty(t, p.Notes)
}

// A copy of the certificates elsewhere is not what the agent reads.
func TestAudit_NamesTheCertificatesThatTheAgentReads(t *testing.T) {
	t.Parallel()
	startFiles, entrypoint := start()
	read, copied := front.Certificate(t, nil), front.Certificate(t, nil)
	for _, elsewhere := range []string{"data/", "z/"} {
		more := leaky.File{Name: elsewhere + strings.TrimPrefix(customCAPath, "var/"), Content: copied}
		p := audit(t, leaky.New("x", entrypoint, leaky.Agent(), startFiles, append(customCA(read), more)), verify.Options{}).Platforms[0]
		require.Equal(t, []string{"its agent trusts the certificates in /" + customCAPath + ": " + digest.FromString(read).String()}, p.Notes, elsewhere)
	}
}

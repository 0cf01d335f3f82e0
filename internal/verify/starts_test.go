package verify_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/standin/leaky"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/verify"
	"github.com/stretchr/testify/require"
)

const own = "/" + oneagent + "agent/lib64/liboneagentproc.so"

// settings is the file that a build leaves for dt-start, which knows what the
// image sets.
func settings(t *testing.T, change func(*agent.Settings), env ...string) leaky.File {
	t.Helper()
	s := agent.Settings{Mode: agent.ModeBuild, Version: leaky.Version, Flavor: agent.FlavorDefault, Arch: agent.ArchX86, ImageEnv: agent.ImageVariables(env)}
	if change != nil {
		change(&s)
	}
	dt, err := json.Marshal(s)
	require.NoError(t, err)
	return leaky.File{Name: "opt/dynatrace/dt-start.json", Content: string(dt)}
}

// TestAudit_GoesByWhatAStartWouldDo: all of these were said to be instrumented,
// and none of them loads an agent.
func TestAudit_GoesByWhatAStartWouldDo(t *testing.T) {
	t.Parallel()
	startFiles, entrypoint := start()
	oneAgent := leaky.Agent()
	list := func(text string) []leaky.File { return []leaky.File{{Name: "etc/ld.so.preload", Content: text}} }
	ours := func(more ...leaky.File) *leaky.Image { return leaky.New("x", entrypoint, oneAgent, startFiles, more) }
	const lost = "/lost/liboneagentproc.so"
	for name, tt := range map[string]struct {
		img    *leaky.Image
		reason string
	}{
		"switched off":                {ours().Env("DT_AGENTACTIVE=false"), "DT_AGENTACTIVE=false in its environment switches the agent off"},
		"switched off, written oddly": {ours().Env("DT_AGENTACTIVE= FALSE "), "DT_AGENTACTIVE=false"},
		"switched off, and on":        {ours().Env("DT_AGENTACTIVE=false", "DT_AGENTACTIVE=true"), "DT_AGENTACTIVE=false"},
		"switched off, others' way":   {leaky.New("x", nil, oneAgent).Env("LD_PRELOAD="+own, "DT_AGENTACTIVE=false"), "DT_AGENTACTIVE=false"},
		"a lost library":              {ours().Env("LD_PRELOAD=" + lost), "LD_PRELOAD names an agent that is not in it, for which this older dt-start preloads none"},
		"a lost library of the file":  {ours(list(lost + "\n")...), "/etc/ld.so.preload names an agent that is not in it"},
		"no library":                  {ours(leaky.File{Name: "lost/liboneagentproc.so", Content: "text"}).Env("LD_PRELOAD=" + lost), "LD_PRELOAD names an agent that is not in it"},
		"an empty library":            {leaky.New("x", nil, oneAgent, []leaky.File{{Name: "lost/liboneagentproc.so"}}).Env("LD_PRELOAD=" + lost), "LD_PRELOAD names an agent that is not in it"},
		"a lost name":                 {ours().Env("LD_PRELOAD=liboneagentproc.so"), "LD_PRELOAD names an agent that is not in it"},
		"others' way, lost":           {leaky.New("x", nil, oneAgent).Env("LD_PRELOAD=" + lost), "LD_PRELOAD names an agent that is not in it"},
		"others' way, a lost file":    {leaky.New("x", nil, oneAgent, list(lost)), "/etc/ld.so.preload names an agent that is not in it"},
		"others' way, a comment":      {leaky.New("x", nil, oneAgent, list("# "+own+"\n")), "there is an agent in it, but nothing loads it"},
		"others' way, another name":   {leaky.New("x", nil, oneAgent).Env("LD_PRELOAD=" + own + ".bak"), "there is an agent in it, but nothing loads it"},
		"others' way, a dangling link": {leaky.New("x", nil, oneAgent, []leaky.File{{Name: "lost/liboneagentproc.so", Target: "/nowhere"}}).Env("LD_PRELOAD=" + lost),
			"LD_PRELOAD names an agent that is not in it"},
		"the same end of a path":             {leaky.New("x", nil, moved(oneAgent)).Env("LD_PRELOAD=" + own), "LD_PRELOAD names an agent that is not in it"},
		"the wrapper is not there":           {leaky.New("x", []string{"/" + oneagent + "dynatrace-agent64.sh"}, oneAgent), "dynatrace-agent64.sh is in its command, but it or the agent next to it"},
		"the settings name another":          {ours(settings(t, func(s *agent.Settings) { s.Preload = "/opt/dynatrace/lost.so" })), "the agent's library that it preloads is not in the image"},
		"the settings are damaged":           {ours(leaky.File{Name: "opt/dynatrace/dt-start.json", Content: "{"}), "dt-start.json is damaged"},
		"the settings are gone":              {ours(leaky.File{Name: "opt/dynatrace/.wh.dt-start.json"}), "dt-start.json is not in it"},
		"the mode is unknown":                {ours(settings(t, func(s *agent.Settings) { s.Mode = "later" })), "a mode that dt-start does not know"},
		"an agent elsewhere, settings moved": {leaky.New("x", entrypoint, moved(oneAgent), startFiles), "the agent's library that it preloads is not in the image"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := audit(t, tt.img, verify.Options{})
			require.Equal(t, verify.NotInstrumented, r.Verdict)
			require.False(t, r.Platforms[0].Instrumented)
			require.Contains(t, r.Platforms[0].Reason, tt.reason)
		})
	}
}

// TestAudit_GoesByWhatAStartWouldDo_Controls load an agent.
func TestAudit_GoesByWhatAStartWouldDo_Controls(t *testing.T) {
	t.Parallel()
	startFiles, entrypoint := start()
	oneAgent := leaky.Agent()
	const lost = "/lost/liboneagentproc.so"
	library := []leaky.File{{Name: "usr/lib/x/liboneagentproc.so", Content: "\x7fELF", Exec: true}}
	for name, tt := range map[string]struct {
		img  *leaky.Image
		note string
	}{
		"on":                       {leaky.New("x", entrypoint, oneAgent, startFiles).Env("DT_AGENTACTIVE=true"), ""},
		"lost, and dt-start looks": {leaky.New("x", entrypoint, oneAgent, startFiles, []leaky.File{settings(t, nil)}).Env("LD_PRELOAD=" + lost), "LD_PRELOAD names an agent that is not in it: dt-start ignores that"},
		"its own":                  {leaky.New("x", entrypoint, oneAgent, startFiles).Env("LD_PRELOAD=" + own), ""},
		"another agent":            {leaky.New("x", entrypoint, oneAgent, startFiles, library).Env("LD_PRELOAD=/usr/$LIB/x/liboneagentproc.so"), "LD_PRELOAD names another agent's library"},
		"by a link":                {leaky.New("x", nil, library, []leaky.File{{Name: "lib", Target: "usr/lib"}}).Env("LD_PRELOAD=/lib/x/liboneagentproc.so"), ""},
		"one of two":               {leaky.New("x", nil, oneAgent).Env("LD_PRELOAD=" + lost + ":" + own), ""},
		"the file makes up for it": {leaky.New("x", nil, oneAgent, []leaky.File{{Name: "etc/ld.so.preload", Content: own}}).Env("LD_PRELOAD=" + lost), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := audit(t, tt.img, verify.Options{})
			require.Equal(t, verify.Clean, r.Verdict, r.Platforms[0].Reason)
			if tt.note == "" {
				require.Empty(t, r.Platforms[0].Notes)
			} else {
				require.Contains(t, strings.Join(r.Platforms[0].Notes, "\n"), tt.note)
			}
		})
	}
}

// TestAudit_ReportsWhatDivertsTokens: a later image sets what dt-start takes for
// the user's.
func TestAudit_ReportsWhatDivertsTokens(t *testing.T) {
	t.Parallel()
	startFiles, entrypoint := start()
	const evil = "SSL_CERT_FILE=/evil.pem"
	image := func(f leaky.File, env ...string) *leaky.Image {
		return leaky.New("x", entrypoint, leaky.Agent(), startFiles, []leaky.File{f}).Env(env...)
	}
	for name, tt := range map[string]struct {
		img     *leaky.Image
		verdict verify.Verdict
		note    string
	}{
		"set after the build":    {image(settings(t, nil), evil), verify.Diverting, ""},
		"another value":          {image(settings(t, nil, "SSL_CERT_FILE=/b.pem"), evil), verify.Diverting, ""},
		"an older dt-start":      {image(startFiles[1], evil), verify.Diverting, ""},
		"known to dt-start":      {image(settings(t, nil, evil), evil), verify.Clean, "SSL_CERT_FILE in its environment decides which servers get the API token from dt-start: dt-start sends no token that way"},
		"allowed by the build":   {image(settings(t, func(s *agent.Settings) { s.TrustImage = true }, evil), evil), verify.Clean, "the build has dt-start trust the image"},
		"the system's":           {image(settings(t, nil), "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"), verify.Clean, ""},
		"a proxy":                {image(settings(t, nil), "HTTPS_PROXY=http://proxy.invalid"), verify.Clean, ""},
		"nothing sends a token":  {leaky.New("x", nil, leaky.Agent()).Env("LD_PRELOAD="+own, evil), verify.Clean, ""},
		"a token for everything": {image(settings(t, nil), "DT_START_KEEP_TOKEN=true"), verify.Diverting, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := audit(t, tt.img, verify.Options{})
			require.Equal(t, tt.verdict, r.Verdict)
			p := r.Platforms[0]
			require.True(t, p.Instrumented)
			require.Equal(t, tt.verdict == verify.Diverting, len(p.Diverts) == 1)
			if tt.note == "" {
				require.Empty(t, p.Notes)
			} else {
				require.Contains(t, strings.Join(p.Notes, "\n"), tt.note)
			}
		})
	}
}

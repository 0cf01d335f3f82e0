package start

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// TestDoctor_AgreesWithTheStart: what is missing first is why a start leaves the
// agent out, in the same words, and each warning of a start is a note.
func TestDoctor_AgreesWithTheStart(t *testing.T) {
	t.Parallel()
	for _, tc := range doctorCases() {
		if tc.asked {
			continue
		}
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d, text := tc.make(t).diagnose(t)
			f := tc.make(t)
			p := f.make(t)
			require.Equal(t, p.Exit, d.Exit, text)
			require.Equal(t, p.Monitored, d.Monitored, text)
			for _, l := range p.Log.lines {
				if reason, found := strings.CutPrefix(l.text, "the app runs unmonitored: "); found {
					require.Equal(t, reason, d.Missing[0], text)
				} else if l.level == levelWarn && !strings.Contains(l.text, ", which is in place, is used") {
					require.Contains(t, d.Notes, l.text)
				}
			}
		})
	}
}

// TestDoctor_SendsNoTokenUnlessAStartDoes: without settings nobody knows which
// variables are the image's.
func TestDoctor_SendsNoTokenUnlessAStartDoes(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*runtimeFixture){
		"no settings":      func(f *runtimeFixture) { delete(f.files.MapFS, agent.SettingsPath[1:]) },
		"damaged settings": func(f *runtimeFixture) { f.files.put(agent.SettingsPath, 0o644, "{") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newBuildFixture(t).api()
			f.diagnose(t)
			require.Len(t, f.cluster.requests, 1, "the control")
			f = newBuildFixture(t).api()
			change(f)
			d, _ := f.diagnose(t)
			require.Empty(t, f.cluster.requests)
			require.Nil(t, d.Cluster)
			require.Nil(t, d.Listed)
		})
	}
}

// TestDoctor_TellsThatNothingWouldStart with a start's exit code.
func TestDoctor_TellsThatNothingWouldStart(t *testing.T) {
	t.Parallel()
	const skips = `VCAP_SERVICES={"x":[{"name":"dynatrace","credentials":{"environmentid":"abc12345","apitoken":"apitoken","skiperrors":"false"}}]}`
	for name, tc := range map[string]struct {
		args, env []string
		exit      int
	}{
		"unmonitored is as good":  {env: []string{"DT_START_ON_ERROR=skip"}},
		"unmonitored is an error": {env: []string{"DT_START_ON_ERROR=fail"}, exit: exitConfig},
		"as the service says":     {env: []string{skips}, exit: exitConfig},
		"off is no error":         {env: []string{"DT_AGENTACTIVE=false", "DT_START_ON_ERROR=fail"}},
		"no such app":             {args: []string{"none"}, exit: exitNotFound},
		"no executable":           {args: []string{"/bin/plain"}, exit: exitNotExecutable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newBuildFixture(t)
			f.set(tc.env...)
			f.cluster.err = errors.New("cluster down")
			if tc.args != nil {
				f.args = tc.args
			}
			d, text := f.diagnose(t)
			require.False(t, d.Monitored)
			require.Equal(t, tc.exit, d.Exit)
			require.Equal(t, tc.exit, f.make(t).Exit, "the start's own")
			require.Equal(t, tc.exit == 0, strings.Contains(text, "\nThe app would run unmonitored.\n"), text)
			require.Equal(t, tc.exit != 0, strings.Contains(text, "\nThe app would not be started: exit code "), text)
		})
	}
}

// TestDoctor_PrintsEachWarning of a start, those about the app's environment
// included.
func TestDoctor_PrintsEachWarning(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		env  []string
		note string
	}{
		"an option":         {[]string{"DT_START_HIDE_SERVICES=perhaps", `VCAP_SERVICES={}`}, "DT_START_HIDE_SERVICES is ignored: want true or false"},
		"services":          {[]string{"DT_START_HIDE_SERVICES=true", "VCAP_SERVICES=" + rand.Text()}, "VCAP_SERVICES is taken from the app: "},
		"a quoted zone":     {[]string{`DT_NETWORK_ZONE="zone"`}, "DT_NETWORK_ZONE"},
		"a missing library": {[]string{"LD_PRELOAD=/none/liboneagentproc.so"}, "LD_PRELOAD names /none/liboneagentproc.so, which does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newBuildFixture(t)
			f.agentVariables().set(tc.env...)
			d, text := f.diagnose(t)
			require.True(t, d.Monitored, text)
			require.Len(t, d.Notes, 1, text)
			require.Contains(t, d.Notes[0], tc.note)
		})
	}
	f := newBuildFixture(t)
	f.image(t, nil, "DT_START_KEEP_TOKEN=true").apiVariables()
	d, _ := f.diagnose(t)
	require.Equal(t, []string{"DT_START_KEEP_TOKEN is ignored: the image itself sets it (DT_START_TRUST_IMAGE=true lets it)"}, d.Notes)
}

// TestDoctor_NamesWhereAnotherAgentIs: the variable or the file.
func TestDoctor_NamesWhereAnotherAgentIs(t *testing.T) {
	t.Parallel()
	f := newBuildFixture(t)
	f.other("/x/liboneagentproc.so").files.put(preloadFile, 0o644, "/x/liboneagentproc.so\n")
	d, _ := f.diagnose(t)
	require.True(t, d.Monitored)
	require.Equal(t, []string{"/etc/ld.so.preload names liboneagentproc.so already: nothing is added (DT_START_FORCE=true overrides)"}, d.Notes)
}

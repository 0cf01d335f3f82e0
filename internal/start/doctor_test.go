package start

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// diagnose returns the diagnosis and both forms of it.
func (f *runtimeFixture) diagnose(t *testing.T) (*Diagnosis, string) {
	t.Helper()
	d := Diagnose(t.Context(), f.input())
	var text, asJSON bytes.Buffer
	require.NoError(t, d.WriteText(&text))
	require.NoError(t, d.WriteJSON(&asJSON))
	var again Diagnosis
	require.NoError(t, json.Unmarshal(asJSON.Bytes(), &again))
	require.Equal(t, d.Monitored, again.Monitored)
	for _, secret := range []string{"apitoken", "tenanttoken", "abc12345", "dt.example.invalid", "a.invalid"} {
		require.NotContains(t, text.String(), secret)
		require.NotContains(t, asJSON.String(), secret)
	}
	require.Empty(t, f.installer.orders, "it changes nothing")
	return d, text.String()
}

func newBuildFixture(t *testing.T) *runtimeFixture {
	t.Helper()
	f := &runtimeFixture{fixture: newFixture(t), installer: &installer{}}
	f.cluster.latest, f.cluster.versions = "1.327.51.20251205-162230", []string{version}
	return f
}

func TestDoctorOfABuiltImage(t *testing.T) {
	t.Parallel()
	d, text := newBuildFixture(t).api().diagnose(t)
	require.True(t, d.Monitored)
	require.True(t, *d.Listed)
	require.True(t, d.Cluster.Answered)
	for _, line := range []string{
		"image      mode build\n",
		"agent      OneAgent " + version + " (default, x86)\n",
		"folder     " + agent.Dir + "\n",
		"app        /bin/app\n",
		"libc       glibc (" + glibcLoader + ")\n",
		"details    the API variables\n",
		"cluster    answered in ",
		"version    still listed by the environment; the environment's target version is 1.327.51.20251205-162230\n",
		"\nThe app would be monitored.\n",
	} {
		require.Contains(t, text, line)
	}
}

func TestDoctorSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	for _, tc := range doctorCases() {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d, text := tc.make(t).diagnose(t)
			require.Equal(t, len(tc.missing) == 0, d.Monitored, text)
			require.Len(t, d.Missing, len(tc.missing), text)
			for i, want := range tc.missing {
				require.Contains(t, d.Missing[i], want)
			}
			for _, want := range tc.notes {
				require.Contains(t, strings.Join(d.Notes, "\n"), want)
			}
			if tc.libc != "" {
				require.Equal(t, tc.libc, d.Libc)
			}
		})
	}
}

// TestDoctor_ReachesGroups: the agent takes lists with groups as they are.
func TestDoctor_ReachesGroups(t *testing.T) {
	t.Parallel()
	f := newBuildFixture(t)
	f.set("DT_TENANT=abc12345", "DT_TENANTTOKEN=tenanttoken", "DT_CONNECTION_POINT={*https://a.invalid/communication;https://b.a.invalid}{https://c.a.invalid}")
	f.cluster.probeErr = errors.New("down")
	d, _ := f.diagnose(t)
	require.False(t, d.Monitored)
	require.Equal(t, []string{"https://a.invalid/communication", "https://b.a.invalid", "https://c.a.invalid"}, f.cluster.probed)

	f.set("DT_CONNECTION_POINT=;{}")
	f.env[len(f.env)-2] = "X=y"
	d, _ = f.diagnose(t)
	require.Equal(t, []string{"no communication endpoint in the agent variables"}, d.Missing)
}

func runtimeOf(settings string) func(*testing.T) *runtimeFixture {
	return func(t *testing.T) *runtimeFixture { return newRuntimeFixture(t, settings) }
}

func TestDoctor_Certificates(t *testing.T) {
	t.Parallel()
	const usual, elsewhere = "/var/lib/dynatrace/oneagent/agent/customkeys/custom.pem", "/x/dynatrace/oneagent/agent/customkeys/custom.pem"
	for name, tt := range map[string]struct {
		files, env []string
		ca, note   string
	}{
		"none":           {nil, nil, "", ""},
		"usual":          {[]string{usual}, nil, usual, ""},
		"empty variable": {[]string{usual}, []string{"DT_VAR_CONFIG_DIR="}, usual, ""},
		"the same":       {[]string{usual}, []string{"DT_VAR_CONFIG_DIR=/var/lib/"}, usual, ""},
		"elsewhere":      {[]string{elsewhere}, []string{"DT_VAR_CONFIG_DIR=/x"}, elsewhere, ""},
		"overlooked":     {[]string{usual}, []string{"DT_VAR_CONFIG_DIR=/x"}, "", "DT_VAR_CONFIG_DIR=/x: the agent reads certificates from " + elsewhere + ", and not from " + usual},
		"both":           {[]string{usual, elsewhere}, []string{"DT_VAR_CONFIG_DIR=/x"}, elsewhere, "DT_VAR_CONFIG_DIR=/x: the agent reads certificates from " + elsewhere + ", and not from " + usual},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newBuildFixture(t).api()
			f.set(tt.env...)
			for _, file := range tt.files {
				f.files.put(file, 0o644, "")
			}
			d, text := f.diagnose(t)
			require.True(t, d.Monitored)
			require.Equal(t, tt.ca, d.CA)
			if tt.ca != "" {
				require.Contains(t, text, "\nca         "+tt.ca+"\n")
			}
			if tt.note != "" {
				require.Equal(t, []string{tt.note}, d.Notes)
			} else {
				require.Empty(t, d.Notes)
			}
		})
	}
}

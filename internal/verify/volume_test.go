package verify_test

import (
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/standin/leaky"
	"github.com/org/dt-frontend/internal/verify"
	"github.com/stretchr/testify/require"
)

func TestVolumesOverTheAgentAreNoted(t *testing.T) {
	startFiles, entrypoint := start()
	agent := leaky.Agent()
	for name, tt := range map[string]struct {
		entrypoint []string
		files      []leaky.File
		volume     string
		want       string
	}{
		"above":                   {entrypoint, agent, "/opt", "VOLUME /opt hides /opt/dynatrace/dt-start, which starts the app"},
		"at the agent":            {entrypoint, agent, "/opt/dynatrace/oneagent/", "VOLUME /opt/dynatrace/oneagent/ hides the agent"},
		"where the agent writes":  {entrypoint, agent, "/opt/dynatrace/oneagent/log", ""},
		"another":                 {entrypoint, agent, "/data", ""},
		"of an app without one":   {[]string{"/app"}, nil, "/opt", ""},
		"not our way of starting": {[]string{"/app"}, agent, "/opt", "VOLUME /opt hides the agent"},
	} {
		t.Run(name, func(t *testing.T) {
			layers := [][]leaky.File{{{Name: "app", Exec: true}}}
			if tt.files != nil {
				layers = append(layers, tt.files)
			}
			if tt.entrypoint[0] != "/app" {
				layers = append(layers, startFiles)
			}
			r := audit(t, leaky.New("x", tt.entrypoint, layers...).Volume(tt.volume), verify.Options{})
			notes := strings.Join(r.Platforms[0].Notes, "\n")
			if tt.want == "" {
				require.NotContains(t, notes, "VOLUME")
				return
			}
			require.Contains(t, notes, tt.want)
		})
	}
}

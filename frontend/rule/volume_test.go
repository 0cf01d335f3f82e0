package rule

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVolumeLine(t *testing.T) {
	const dockerfile = `ARG DIR=/opt
FROM busybox AS base
VOLUME /opt
FROM base AS app
ARG DIR
VOLUME ["/data", "/opt/dynatrace"]
VOLUME $DIR/dynatrace/oneagent
ONBUILD VOLUME /srv
FROM debian AS other
VOLUME /opt
`
	for name, tt := range map[string]struct {
		target, volume string
		later          bool
		want           int
	}{
		"of the stage":             {"app", "/opt/dynatrace", false, 6},
		"of the stage below":       {"app", "/opt", false, 3},
		"of another stage":         {"other", "/opt/dynatrace", false, 9},
		"of the last stage":        {"", "/opt", false, 10},
		"of the base image":        {"base", "/opt/dynatrace", false, 2},
		"perhaps of a variable":    {"app", "/opt/dynatrace/oneagent", false, 7},
		"behind ONBUILD":           {"app", "/srv", true, 8},
		"behind ONBUILD, not run":  {"app", "/srv", false, 7},
		"of a stage that is not":   {"nowhere", "/opt", false, 0},
		"of a stage by its number": {"0", "/opt", false, 3},
	} {
		t.Run(name, func(t *testing.T) {
			got := VolumeLine([]byte(dockerfile), tt.target, tt.volume, tt.later)
			if tt.want == 0 {
				require.Nil(t, got)
				return
			}
			require.Equal(t, tt.want, got[0].Start.Line)
		})
	}
	require.Nil(t, VolumeLine([]byte("FLY\n"), "", "/opt", false))
}

func TestTriggerVolumes(t *testing.T) {
	require.Equal(t, []string{"/opt", "/a b"}, TriggerVolumes(`VOLUME ["/opt", "/a b"]`))
	require.Empty(t, TriggerVolumes("RUN VOLUME /opt"))
	require.Empty(t, TriggerVolumes(""))
}

package image

import (
	"testing"

	"github.com/org/dt-frontend/frontend/payload"
	"github.com/stretchr/testify/require"
)

func TestAppendTo(t *testing.T) {
	lib := payload.Variable{Name: "LD_PRELOAD", Value: "/opt/dynatrace/oneagent/x.so"}
	require.Equal(t, []string{"LD_PRELOAD=/opt/dynatrace/oneagent/x.so"}, appendTo(nil, lib))
	require.Equal(t, []string{"A=b", "LD_PRELOAD=/a.so:/opt/dynatrace/oneagent/x.so"}, appendTo([]string{"LD_PRELOAD=/a.so", "A=b"}, lib))
	require.Equal(t, []string{"LD_PRELOAD=/opt/dynatrace/oneagent/x.so"}, appendTo([]string{"LD_PRELOAD="}, lib))
}

func TestAnInstrumentedBaseLosesItsPreload(t *testing.T) {
	for value, want := range map[string][]string{
		"LD_PRELOAD=/opt/dynatrace/oneagent/x.so":           nil,
		"LD_PRELOAD=/opt/dynatrace/oneagent/x.so:/a.so /b":  {"LD_PRELOAD=/a.so:/b"},
		"LD_PRELOAD=/a.so /opt/dynatrace/oneagent-x/lib.so": {"LD_PRELOAD=/a.so /opt/dynatrace/oneagent-x/lib.so"},
		"PATH=/opt/dynatrace/oneagent/bin":                  {"PATH=/opt/dynatrace/oneagent/bin"},
	} {
		require.Equal(t, want, withoutAgentsPreload([]string{value}), value)
	}
}

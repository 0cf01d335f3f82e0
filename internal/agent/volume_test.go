package agent

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHiddenBy(t *testing.T) {
	const ca = "/var/lib/dynatrace/oneagent/agent/customkeys/custom.pem"
	for volume, want := range map[string]struct{ build, runtime Hidden }{
		"/":                                   {HidesStart, HidesStart},
		"/opt":                                {HidesStart, HidesStart},
		"/opt/":                               {HidesStart, HidesStart},
		"opt":                                 {HidesStart, HidesStart},
		"/srv/../opt":                         {HidesStart, HidesStart},
		"/opt/dynatrace":                      {HidesStart, HidesStart},
		StartPath:                             {HidesStart, HidesStart},
		SettingsPath:                          {HidesStart, HidesStart},
		Dir:                                   {HidesAgent, HidesNothing},
		"/opt/dynatrace/oneagent/agent":       {HidesAgent, HidesNothing},
		"/opt/dynatrace/oneagent/agent/lib64": {HidesAgent, HidesNothing},
		"/opt/dynatrace/oneagent/log":         {},
		"/opt/dynatrace/oneagent/log/java":    {},
		"/opt/dynatrace/oneagent/datastorage": {},
		"/opt/dynatrace/oneagent/logs":        {HidesAgent, HidesNothing},
		"/opt/dynatrace/own":                  {},
		"/opt/app":                            {},
		"/opt2":                               {},
		"/data":                               {},
		"/var":                                {HidesCA, HidesCA},
		"/var/lib":                            {HidesCA, HidesCA},
		"/var/lib/dynatrace/oneagent":         {HidesCA, HidesCA},
		"/var/lib/postgresql/data":            {},
	} {
		require.Equal(t, want.build, HiddenBy(volume, true, ca), volume)
		require.Equal(t, want.runtime, HiddenBy(volume, false, ca), volume)
		if want.build == HidesCA {
			require.Equal(t, HidesNothing, HiddenBy(volume, true, ""), "no certificates")
		}
	}
}

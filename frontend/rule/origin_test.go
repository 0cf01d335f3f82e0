package rule

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEnvOrigin(t *testing.T) {
	t.Parallel()
	const dockerfile = `FROM base:1 AS first
ENV A=1
ENV A=2 B=3
FROM other AS second
ENV $C=4
FROM first AS third
RUN true
ONBUILD ENV D=5
`
	for name, tt := range map[string]struct {
		target, variable string
		later            bool
		line             int
		base             string
	}{
		"the last one":           {"", "A", false, 3, ""},
		"in the same":            {"", "B", false, 3, ""},
		"from the base image":    {"", "Z", false, 1, "base:1"},
		"perhaps a variable":     {"second", "Z", false, 5, ""},
		"by number":              {"1", "Z", false, 5, ""},
		"for others":             {"", "D", true, 8, ""},
		"for others, not itself": {"", "D", false, 1, "base:1"},
		"no such stage":          {"lost", "A", false, 0, ""},
	} {
		o := EnvOrigin([]byte(dockerfile), tt.target, tt.variable, tt.later)
		require.Equal(t, tt.line, o.Line(), name)
		require.Equal(t, tt.base, o.Base, name)
	}
	require.Zero(t, EnvOrigin([]byte("FLY\n"), "", "A", false))
}

func TestTriggers(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"A=1", "B=$C"}, TriggerEnv("ENV A=1 B=$C"))
	require.Equal(t, []string{"A=1 2"}, TriggerEnv("env A 1 2"))
	require.Empty(t, TriggerEnv("RUN true"))
	require.Empty(t, TriggerEnv("FLY"))
	require.Equal(t, []string{"DT_API_URL"}, TriggerMounts("RUN --mount=type=secret,id=DT_API_URL --mount=type=secret,id=mine true"))
	require.Empty(t, TriggerMounts("ENV A=1"))
	const dockerfile = "FROM base\nONBUILD RUN --mount=type=secret,id=DT_TENANT true\n"
	require.Equal(t, 2, MountOrigin([]byte(dockerfile), "", "DT_TENANT").Line())
	require.Equal(t, 1, MountOrigin([]byte(dockerfile), "", "DT_API_URL").Line())
}

package check

import (
	"fmt"
	"strings"
	"testing"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
)

// TestAppSecrets: steps of the app that are given the agent's secrets, whatever
// the text of the Dockerfile calls them.
func TestAppSecrets(t *testing.T) {
	t.Parallel()
	none := configOf(nil)
	for name, tt := range map[string]struct {
		dockerfile string
		base       dockerspec.DockerOCIImageConfig
		line       int
	}{
		"plain":              {"FROM base:1\nRUN --mount=type=secret,id=DT_API_TOKEN true\n", none, 2},
		"the lint is off":    {"# check=skip=all\nFROM base:1\nRUN --mount=type=secret,id=DT_API_TOKEN true\n", none, 3},
		"a variable":         {"FROM base:1\nARG ID=DT_API_TOKEN\nRUN --mount=type=secret,id=$ID true\n", none, 3},
		"parts of one":       {"FROM base:1\nENV A=DT_API\nRUN --mount=type=secret,id=${A}_TOKEN,target=/x true\n", none, 3},
		"by its target":      {"FROM base:1\nARG ID=DT_API_TOKEN\nRUN --mount=type=secret,target=/x/$ID true\n", none, 3},
		"in the environment": {"FROM base:1\nARG ID=DT_API_TOKEN\nRUN --mount=type=secret,id=$ID,env=X true\n", none, 3},
		"another stage":      {"FROM base:1 AS a\nARG ID=DT_API_TOKEN\nRUN --mount=type=secret,id=$ID true\nFROM scratch\nCOPY --from=a /x /x\n", none, 3},
		"ONBUILD of a base":  {"FROM scratch AS x\nFROM base:1\n", configOf(nil, "RUN --mount=type=secret,id=DT_API_TOKEN true"), 2},
		"ONBUILD for others": {"FROM base:1\nRUN true\nONBUILD RUN --mount=type=secret,id=DT_API_TOKEN true\n", none, 3},
		"like one of ours":   {"FROM base:1\nRUN --mount=type=secret,id=DT_API_TOKEN [\"/bin/dt-install\",\"download\"]\n", none, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := try(t, tt.dockerfile, "", "", tt.base)
			requireFailure(t, err, tt.line, "this step can read secret DT_API_TOKEN", "app-secrets=warn")
			_, err = try(t, tt.dockerfile, "", "app-secrets", tt.base)
			requireFailure(t, err, tt.line, "app-secrets is set by the frontend image")
			_, err = try(t, tt.dockerfile, "mode=off", "app-secrets", tt.base)
			requireFailure(t, err, tt.line, "this step can read secret DT_API_TOKEN")
			a, err := try(t, tt.dockerfile, "app-secrets=warn", "", tt.base)
			require.NoError(t, err)
			if strings.Contains(tt.dockerfile, "check=skip") {
				require.Empty(t, a.sent)
				return
			}
			require.Len(t, a.said("DynatraceSecretMount"), 1, "%q", a.sent)
			require.Contains(t, a.said("DynatraceSecretMount")[0], fmt.Sprintf("(line %d)", tt.line))
		})
	}
	for _, dockerfile := range []string{
		"FROM base:1\nRUN --mount=type=secret,id=mine true\n",
		"FROM base:1 AS not-built\nRUN --mount=type=secret,id=DT_API_TOKEN true\nFROM base:1\n",
		"FROM base:1\nONBUILD RUN --mount=type=secret,id=mine true\n",
	} {
		_, err := try(t, dockerfile, "", "", none)
		require.NoError(t, err, dockerfile)
	}
	_, err := try(t, "FROM base:1\nRUN --mount=type=secret,id=DT_API_TOKEN true\n", "mode=off", "", none)
	require.NoError(t, err, "without the agent its secrets are not there")
}

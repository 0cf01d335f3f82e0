package integration

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSyntaxLine_Comment builds with notes behind the image, which
// docker/dockerfile ignores, and with options in front of them.
func TestSyntaxLine_Comment(t *testing.T) {
	env := newEnvironment(t)
	const app = "FROM busybox:1.37-musl\nENTRYPOINT [\"true\"]\n"
	for name, rest := range map[string]string{
		"alone":           " # pinned by the platform team; ask mode=off",
		"no space":        " #pinned",
		"behind a tab":    " \t# pinned",
		"options":         " include=java # pinned; include=nginx",
		"options and tab": " include=java\t# pinned",
		"semicolon":       " include=java;# pinned",
	} {
		t.Run(name, func(t *testing.T) {
			line := build(t, request{dockerfile: "# syntax=SYNTAX" + rest + "\n" + app, secrets: withSecrets(env)})
			arg := build(t, request{
				dockerfile: app,
				secrets:    withSecrets(env),
				args:       []string{"--build-arg=BUILDKIT_SYNTAX=" + frontendRef(t) + rest},
			})
			for _, r := range []result{line, arg} {
				requireInstrumented(t, r, env.Marker(), "true")
				options := strings.HasPrefix(rest, " include=java")
				require.Equal(t, options, r.image(t).Config.Config.Labels[technologiesLabel] == "java")
			}
		})
	}
	directive := build(t, request{
		dockerfile: "# syntax=SYNTAX # pinned\n# dynatrace=include=java # the only one that we run\n" + app,
		secrets:    withSecrets(env),
	})
	require.Equal(t, "java", directive.image(t).Config.Config.Labels[technologiesLabel])
}

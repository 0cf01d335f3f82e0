package config

import (
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/stretchr/testify/require"
)

// TestSyntaxLine_Comment builds with notes behind the image, which
// docker/dockerfile ignores, and with options in front of them.
func TestSyntaxLine_Comment(t *testing.T) {
	env := tenant.New(t)
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
			line := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX" + rest + "\n" + app, Secrets: tenant.Secrets(env)})
			arg := buildx.Build(t, buildx.Request{
				Dockerfile: app,
				Secrets:    tenant.Secrets(env),
				Args:       []string{"--build-arg=BUILDKIT_SYNTAX=" + testenv.Frontend(t) + rest},
			})
			for _, r := range []buildx.Result{line, arg} {
				inspect.RequireInstrumented(t, r, env.Marker(), "true")
				options := strings.HasPrefix(rest, " include=java")
				require.Equal(t, options, r.Image(t).Config.Config.Labels[inspect.TechnologiesLabel] == "java")
			}
		})
	}
	directive := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX # pinned\n# dynatrace=include=java # the only one that we run\n" + app,
		Secrets:    tenant.Secrets(env),
	})
	require.Equal(t, "java", directive.Image(t).Config.Config.Labels[inspect.TechnologiesLabel])
}

package cache

import (
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/stretchr/testify/require"
)

// --no-cache-filter reaches what it names: the agent by its own name, the app's
// stages by theirs.
func TestNoCache_ReachesWhatItNames(t *testing.T) {
	env := tenant.New(t)
	app := buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl AS tools\nRUN echo $((6*7)) is " + env.ID() + "\nFROM busybox:1.37-musl AS app\nRUN echo $((6*8)) is " + env.ID() + "\nCOPY --from=tools /bin/sh /copied\n",
		Secrets:    tenant.Secrets(env),
	}
	buildx.Build(t, app)
	downloads := 1
	for _, tt := range []struct {
		args              []string
		tools, app, agent bool // what runs anew
	}{
		{nil, false, false, false},
		{[]string{"--no-cache-filter=tools"}, true, false, false},
		{[]string{"--no-cache-filter=app"}, false, true, false},
		{[]string{"--no-cache-filter=dynatrace"}, false, false, true},
		{[]string{"--no-cache-filter=app,dynatrace"}, false, true, true},
		{[]string{"--no-cache"}, true, true, true},
	} {
		r := app
		r.Args = tt.args
		out := buildx.Build(t, r).Output
		for said, want := range map[string]bool{"42 is ": tt.tools, "48 is ": tt.app, "no cluster links found": tt.agent} {
			if want {
				require.Contains(t, out, said, "%v", tt.args)
			} else {
				require.NotContains(t, out, said, "%v", tt.args)
			}
		}
		if tt.agent {
			downloads++
		}
		require.Equal(t, downloads, tenant.Downloads(env), "%v", tt.args)
	}
}

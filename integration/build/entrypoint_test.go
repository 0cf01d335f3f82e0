package build

import (
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/container"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/stretchr/testify/require"
)

// bare is a system with neither entrypoint nor command. It has no loader: the
// app starts and the agent does not.
const bare = "FROM scratch\nCOPY --from=busybox:1.37-musl / /\n"

// Whatever an app's entrypoint and command look like, the app starts as it would
// without the agent.
func TestEntrypoint_StartsTheAppAsWithoutTheAgent(t *testing.T) {
	env := tenant.New(t)
	tests := map[string]struct {
		dockerfile      string
		entrypoint, cmd []string
		command         []string // given to the container
		want            string
	}{
		"none of both": {
			dockerfile: bare,
			command:    []string{"busybox", "echo", "given"}, want: "given\n",
		},
		"command in shell form": {
			dockerfile: bare + "ENV WHO=you\nCMD echo \"it is $WHO\"\n",
			cmd:        []string{"/bin/sh", "-c", `echo "it is $WHO"`}, want: "it is you\n",
		},
		"command in another shell": {
			dockerfile: bare + "SHELL [\"/bin/busybox\", \"sh\", \"-euc\"]\nCMD case $- in *e*) echo strict; esac\n",
			cmd:        []string{"/bin/busybox", "sh", "-euc", "case $- in *e*) echo strict; esac"}, want: "strict\n",
		},
		"command in shell form and given another": {
			dockerfile: bare + "CMD echo no\n",
			cmd:        []string{"/bin/sh", "-c", "echo no"}, command: []string{"busybox", "echo", "given"}, want: "given\n",
		},
		"entrypoint in shell form": {
			// A shell takes no arguments: the command is its $0, as ever.
			dockerfile: bare + "CMD [\"command\"]\nENTRYPOINT echo \"entry $0\"\n",
			entrypoint: []string{"/bin/sh", "-c", `echo "entry $0"`}, cmd: []string{"command"}, want: "entry command\n",
		},
		"both": {
			dockerfile: bare + "ENTRYPOINT [\"busybox\", \"echo\"]\nCMD [\"two\", \"three\"]\n",
			entrypoint: []string{"busybox", "echo"}, cmd: []string{"two", "three"}, want: "two three\n",
		},
		"emptied": {
			dockerfile: "FROM busybox:1.37-musl\nENTRYPOINT []\nCMD []\n",
			command:    []string{"busybox", "echo", "given"}, want: "given\n",
		},
		"no entrypoint, as an empty string": {
			dockerfile: bare + "ENTRYPOINT [\"\"]\nCMD [\"busybox\", \"echo\", \"mine\"]\n",
			cmd:        []string{"busybox", "echo", "mine"}, want: "mine\n",
		},
		"no entrypoint, as an empty string, and given another command": {
			dockerfile: bare + "ENTRYPOINT [\"\"]\nCMD [\"busybox\", \"echo\", \"mine\"]\n",
			cmd:        []string{"busybox", "echo", "mine"}, command: []string{"busybox", "echo", "given"}, want: "given\n",
		},
		"command of the base image": {
			dockerfile: "FROM busybox:1.37-musl\n",
			cmd:        []string{"sh"}, command: []string{"busybox", "echo", "given"}, want: "given\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\n" + tt.dockerfile, Secrets: tenant.Secrets(env)})
			cfg := r.Image(t).Config.Config
			require.Equal(t, append([]string{"/opt/dynatrace/dt-start", "--"}, tt.entrypoint...), cfg.Entrypoint)
			require.Equal(t, tt.cmd, cfg.Cmd)
			o := container.Finish(t, r, tenant.AgentDetails(env), tt.command...)
			require.Equal(t, tt.want, o.Stdout, o.Stderr)
			require.Zero(t, o.Code)
		})
	}
}

// A container that nothing is said to fails, as it would without the agent.
func TestEntrypoint_NothingToStart(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\n" + bare, Secrets: tenant.Secrets(env)})
	o := container.Finish(t, r, tenant.AgentDetails(env))
	require.Equal(t, 127, o.Code)
	require.Contains(t, o.Stderr, "dt-start: nothing to start: the image has no entrypoint and no command")
}

// An explicit flavor and nothing else make an agent image, which is the agent
// alone.
func TestBuild_FromScratch(t *testing.T) {
	env := tenant.New(t)
	for name, tt := range map[string]struct {
		dockerfile string
		layers     int
		options    string
	}{
		"nothing with a flavor":    {"FROM scratch\n", 1, "flavor=musl"},
		"nothing":                  {"FROM scratch\n", 3, "flavor=auto"},
		"labels alone":             {"FROM scratch\nLABEL a=b\n", 1, "flavor=default"},
		"a file with a flavor":     {"FROM scratch\nCOPY Dockerfile /\n", 4, "flavor=multidistro"},
		"nothing to look at":       {"FROM scratch\n", 1, "include=auto;flavor=default"},
		"nothing and only a start": {"FROM scratch\n", 2, "mode=runtime"},
	} {
		t.Run(name, func(t *testing.T) {
			r := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\n" + tt.dockerfile, Secrets: tenant.Secrets(env), Args: buildx.Options(tt.options)})
			img := r.Image(t)
			require.Len(t, img.DiffIDs(), tt.layers)
			require.Equal(t, "linux/amd64", img.Platform())
			if tt.options != "mode=runtime" {
				require.Equal(t, env.Marker(), inspect.Marker(t, r))
			}
			var layers int
			for _, h := range img.Config.History {
				if !h.EmptyLayer {
					layers++
				}
			}
			require.Equal(t, tt.layers, layers, "each layer is in the history")
		})
	}
}

// A base image's triggers run, once, and are gone.
func TestBuild_OnbuildTriggersRunOnce(t *testing.T) {
	env := tenant.New(t)
	base := testenv.Registry(t) + "/onbuild:" + env.ID()
	buildx.Build(t, buildx.Request{
		Dockerfile: "FROM debian:bookworm-slim\nONBUILD COPY greeting /\nONBUILD RUN cat /greeting >/run-of-base\nONBUILD ENTRYPOINT [\"cat\"]\nONBUILD CMD [\"/run-of-base\"]\n",
		Output:     "type=image,push=true,name=" + base,
	})
	r := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM " + base + "\nONBUILD RUN echo child\n",
		Files:      map[string]string{"greeting": "hello\n"},
		Secrets:    tenant.Secrets(env),
	})
	cfg := r.Image(t).Config.Config
	require.Equal(t, []string{"/opt/dynatrace/dt-start", "--", "cat"}, cfg.Entrypoint)
	require.Equal(t, []string{"RUN echo child"}, cfg.OnBuild, "its own are kept")
	require.Equal(t, container.Outcome{Stdout: "hello\n"}, container.Finish(t, r, tenant.AgentDetails(env)))
}

// What else an image says of how it is run stays, as does what a base image says.
func TestConfig_OfTheBaseIsKept(t *testing.T) {
	env := tenant.New(t)
	base := testenv.Registry(t) + "/config:" + env.ID()
	const settings = `SHELL ["/bin/bash", "-c"]
USER 12345:54321
WORKDIR /srv
ENV A=b
LABEL mine=1
EXPOSE 8080
VOLUME /data
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=7s --timeout=3s --start-period=2s --start-interval=1s --retries=9 CMD true
ENTRYPOINT ["env"]
CMD ["-0"]
`
	buildx.Build(t, buildx.Request{Dockerfile: "FROM debian:bookworm-slim\n" + settings, Output: "type=image,push=true,name=" + base})
	for name, tt := range map[string]string{
		"of the app":  "FROM debian:bookworm-slim\n" + settings,
		"of the base": "FROM " + base + "\n",
		"no health":   "FROM " + base + "\nHEALTHCHECK NONE\n",
	} {
		t.Run(name, func(t *testing.T) {
			want := buildx.Build(t, buildx.Request{Dockerfile: tt}).Image(t).Config
			got := buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\n" + tt, Secrets: tenant.Secrets(env)}).Image(t).Config
			require.Equal(t, append([]string{"/opt/dynatrace/dt-start", "--"}, want.Config.Entrypoint...), got.Config.Entrypoint)
			got.Config.Entrypoint = want.Config.Entrypoint
			for label := range got.Config.Labels {
				if label != "mine" {
					require.Contains(t, label, "com.dynatrace.oneagent.")
				}
			}
			require.Equal(t, "1", got.Config.Labels["mine"])
			got.Config.Labels = want.Config.Labels
			require.Equal(t, want.Config, got.Config, "and not a field more or less")
		})
	}
}

package integration

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// outcome is what a container did.
type outcome struct {
	code           int
	stdout, stderr string
}

// start runs an image with an agent's details, and with another command than its
// own where one is given.
func start(t *testing.T, r result, vars []string, cmd ...string) outcome {
	t.Helper()
	c := run(t, r, func(s *runcSpec) {
		s.Env = vars
		if len(cmd) > 0 {
			s.Cmd = cmd
		}
	})
	code, err := c.Wait()
	require.NoError(t, err)
	return outcome{code, c.Stdout(), c.Stderr()}
}

// bare is a system with neither entrypoint nor command. It has no loader: the
// app starts and the agent does not.
const bare = "FROM scratch\nCOPY --from=busybox:1.37-musl / /\n"

// Whatever an app's entrypoint and command look like, the app starts as it would
// without the agent.
func TestEntrypointsAndCommands(t *testing.T) {
	env := newEnvironment(t)
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
			r := build(t, request{dockerfile: "# syntax=SYNTAX\n" + tt.dockerfile, secrets: withSecrets(env)})
			cfg := r.image(t).Config.Config
			require.Equal(t, append([]string{"/opt/dynatrace/dt-start", "--"}, tt.entrypoint...), cfg.Entrypoint)
			require.Equal(t, tt.cmd, cfg.Cmd)
			o := start(t, r, agentDetails(env), tt.command...)
			require.Equal(t, tt.want, o.stdout, o.stderr)
			require.Zero(t, o.code)
		})
	}
}

// A container that nothing is said to fails, as it would without the agent.
func TestNothingToStart(t *testing.T) {
	env := newEnvironment(t)
	r := build(t, request{dockerfile: "# syntax=SYNTAX\n" + bare, secrets: withSecrets(env)})
	o := start(t, r, agentDetails(env))
	require.Equal(t, 127, o.code)
	require.Contains(t, o.stderr, "dt-start: nothing to start: the image has no entrypoint and no command")
}

// An explicit flavor and nothing else make an agent image, which is the agent
// alone.
func TestFromScratch(t *testing.T) {
	env := newEnvironment(t)
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
			r := build(t, request{dockerfile: "# syntax=SYNTAX\n" + tt.dockerfile, secrets: withSecrets(env), args: withOptions(tt.options)})
			img := r.image(t)
			require.Len(t, img.DiffIDs(), tt.layers)
			require.Equal(t, "linux/amd64", img.Platform())
			if tt.options != "mode=runtime" {
				require.Equal(t, env.Marker(), marker(t, r))
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
func TestOnbuild(t *testing.T) {
	env := newEnvironment(t)
	base := registry(t) + "/onbuild:" + env.ID()
	build(t, request{
		dockerfile: "FROM debian:bookworm-slim\nONBUILD COPY greeting /\nONBUILD RUN cat /greeting >/run-of-base\nONBUILD ENTRYPOINT [\"cat\"]\nONBUILD CMD [\"/run-of-base\"]\n",
		output:     "type=image,push=true,name=" + base,
	})
	r := build(t, request{
		dockerfile: "# syntax=SYNTAX\nFROM " + base + "\nONBUILD RUN echo child\n",
		files:      map[string]string{"greeting": "hello\n"},
		secrets:    withSecrets(env),
	})
	cfg := r.image(t).Config.Config
	require.Equal(t, []string{"/opt/dynatrace/dt-start", "--", "cat"}, cfg.Entrypoint)
	require.Equal(t, []string{"RUN echo child"}, cfg.OnBuild, "its own are kept")
	require.Equal(t, outcome{stdout: "hello\n"}, start(t, r, agentDetails(env)))
}

// What else an image says of how it is run stays, as does what a base image says.
func TestTheBasesConfigIsKept(t *testing.T) {
	env := newEnvironment(t)
	base := registry(t) + "/config:" + env.ID()
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
	build(t, request{dockerfile: "FROM debian:bookworm-slim\n" + settings, output: "type=image,push=true,name=" + base})
	for name, tt := range map[string]string{
		"of the app":  "FROM debian:bookworm-slim\n" + settings,
		"of the base": "FROM " + base + "\n",
		"no health":   "FROM " + base + "\nHEALTHCHECK NONE\n",
	} {
		t.Run(name, func(t *testing.T) {
			want := build(t, request{dockerfile: tt}).image(t).Config
			got := build(t, request{dockerfile: "# syntax=SYNTAX\n" + tt, secrets: withSecrets(env)}).image(t).Config
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

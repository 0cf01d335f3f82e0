package start

import (
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/container"
	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
)

// hardening is what careful platforms do to a container, one on top of the
// other. All of them have a read-only root and no /tmp.
var hardening = []struct {
	name    string
	options []runc.Option
	// seccomp applies the default profile, from here on.
	seccomp bool
	// noProc takes /proc away.
	noProc bool
	// storage is what the agent is told about a place to write to.
	storage string
	// control is a command that shows it, and its output.
	control []string
	shown   string
}{
	{
		name:    "no capabilities and no new privileges",
		options: []runc.Option{runc.WithCapabilities(), runc.WithoutNewPrivileges()},
		storage: "DT_STORAGE=/dev/shm",
		control: []string{"/bin/grep", "-E", "^(CapBnd|CapEff|NoNewPrivs):", "/proc/self/status"},
		shown:   "CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nNoNewPrivs:\t1\n",
	},
	{
		name:    "nothing writable",
		options: []runc.Option{runc.WithoutMounts("/dev/shm", "/dev/mqueue")},
		storage: "DT_LOGLEVELFILE=none",
		control: []string{"/usr/bin/find", "/", "-xdev", "-writable", "-type", "d"},
	},
	{
		name:    "seccomp",
		seccomp: true,
		storage: "DT_LOGLEVELFILE=none",
		control: []string{"/bin/grep", "^Seccomp:", "/proc/self/status"},
		shown:   "Seccomp:\t2\n",
	},
	{
		name: "no proc",
		// To take it away, and then to lose what is needed for that.
		options: []runc.Option{runc.WithCapabilities("CAP_SYS_ADMIN", "CAP_SETPCAP", "CAP_SETUID", "CAP_SETGID")},
		noProc:  true,
		storage: "DT_LOGLEVELFILE=none",
		control: []string{"/bin/ls", "-A", "/proc"},
	},
}

// Apps are monitored where nothing is allowed.
func TestStart_InHardenedContainers(t *testing.T) {
	s := sharedStarts.Get(t)
	can, err := runc.HasSeccomp(t.Context())
	require.NoError(t, err)
	var all []runc.Option
	var profile bool
	for _, h := range hardening {
		if h.seccomp && !can {
			t.Log("left out: this runc is built without seccomp")
			continue
		}
		profile = profile || h.seccomp
		all = append(all, h.options...)
		options := slices.Clone(all)
		if profile {
			// The profile depends on the capabilities: it comes last.
			options = append(options, runc.WithSeccomp())
		}
		harden := func(spec *runc.Spec) {
			spec.User = strconv.Itoa(container.OrdinaryUser) + ":" + strconv.Itoa(container.OrdinaryUser)
			spec.Options = options
			if h.noProc {
				spec.User = "0"
				command := slices.Concat(spec.Entrypoint, spec.Cmd)
				if spec.Entrypoint == nil {
					command = spec.Config.Entrypoint
				}
				spec.Entrypoint = append([]string{"/app/" + probeStatic, "no-proc", strconv.Itoa(container.OrdinaryUser)}, command...)
			}
		}
		t.Run(h.name+"/control", func(t *testing.T) {
			t.Parallel()
			o := s.debian.finish(t, func(spec *runc.Spec) {
				spec.Entrypoint = h.control
				harden(spec)
			})
			require.Equal(t, h.shown, o.stdout)
		})
		for name, image := range map[string]*startImage{"debian": s.debian, "musl": s.musl, "shell-less": s.shellLess} {
			for kind, details := range map[string]func(*cluster.Environment) []string{"given": tenant.AgentDetails, "asked for": tenant.APIDetails} {
				t.Run(h.name+"/"+name+"/"+kind, func(t *testing.T) {
					t.Parallel()
					env := s.environment()
					r, o := image.report(t, func(spec *runc.Spec) {
						spec.Env = details(env)
						harden(spec)
					})
					if kind == "given" {
						require.Empty(t, o.lines)
					} else {
						require.Equal(t, []string{plainHTTP}, o.lines)
					}
					require.Equal(t, container.OrdinaryUser, r.uid)
					require.Equal(t, 1, r.pid)
					require.Equal(t, agentLibrary, r.value("LD_PRELOAD"))
					require.Contains(t, r.env, h.storage)
					tenant.RequireCheckIn(t, env, image.app)
				})
			}
		}
	}
}

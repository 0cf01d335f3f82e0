package start

import (
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/opencontainers/runtime-spec/specs-go"
	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/container"
	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/org/dt-frontend/integration/standin/cluster"
	dtagent "github.com/org/dt-frontend/internal/agent"
)

// runtimeDockerfile is startDockerfile's, with one C library in each image.
const runtimeDockerfile = `# syntax=SYNTAX
FROM debian:bookworm-slim AS debian
COPY --chmod=0755 probe-glibc probe-static /app/
ENTRYPOINT ["/app/probe-glibc"]

FROM busybox:1.37-musl AS musl
COPY --chmod=0755 probe-musl probe-static /app/
COPY --chmod=0755 loader LOADER_MUSL
ENTRYPOINT ["/app/probe-musl"]

FROM scratch AS shell-less
COPY --from=debian LOADER_GLIBC LOADER_GLIBC
COPY --from=debian /lib/*-linux-gnu/libc.so.6 /lib/
COPY --chmod=0755 probe-glibc probe-static /app/
ENTRYPOINT ["/app/probe-glibc"]
`

// runtimeStarts is what all tests of run-time mode share.
type runtimeStarts struct {
	cluster                 *cluster.Server
	debian, musl, shellLess *startImage
}

// sharedRuntimeStarts are built once for all tests of this package.
var sharedRuntimeStarts = testenv.Share(newRuntimeStarts)

func newRuntimeStarts(t testing.TB) *runtimeStarts {
	t.Helper()
	s := &runtimeStarts{cluster: tenant.NewCluster(t)}
	files, replacer := startFiles(t)
	image := func(stage, app string) *startImage {
		return newStartImage(t, buildx.Build(t, buildx.Request{
			Dockerfile: replacer.Replace(runtimeDockerfile), Files: files,
			Args: append(buildx.Options("mode=runtime"), "--target="+stage),
		}), app)
	}
	s.debian = image("debian", probeGlibc)
	s.musl = image("musl", probeMusl)
	s.shellLess = image("shell-less", probeGlibc)
	return s
}

// requireInstalled checks that the app was given an agent below dir.
func requireInstalled(t testing.TB, dir string, r probeReport, o startResult) {
	t.Helper()
	library := r.value("LD_PRELOAD")
	require.True(t, strings.HasPrefix(library, dir+"/"), "%q: %q", library, o.lines)
	require.True(t, strings.HasSuffix(library, "/"+dtagent.PreloadLibrary), library)
}

// The agent that fits is installed once.
func TestStartRuntime_InstallsOnce(t *testing.T) {
	s := sharedRuntimeStarts.Get(t)
	for name, tc := range map[string]struct {
		image     *startImage
		flavor    dtagent.Flavor
		installer cluster.InstallerType
	}{
		"debian":   {s.debian, dtagent.FlavorDefault, cluster.TypePaaSScript},
		"musl":     {s.musl, dtagent.FlavorMusl, cluster.TypePaaSScript},
		"no shell": {s.shellLess, dtagent.FlavorDefault, cluster.TypePaaS},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := s.cluster.AddEnvironment()
			image := tc.image.own(t)
			for range 2 { // the second is a restart
				r, o := image.report(t, func(spec *runc.Spec) {
					spec.ReadOnly = false
					spec.Env = tenant.APIDetails(env)
				})
				require.Equal(t, agentLibrary, r.value("LD_PRELOAD"), "%q", o.lines)
				require.Equal(t, 1, r.pid)
				require.NotContains(t, strings.Join(o.lines, "\n"), env.APIToken())
				require.NotContains(t, r.names(), "DT_API_TOKEN")
				require.Equal(t, 1, tenant.Downloads(env), "a restart downloads nothing")
			}
			tenant.RequireCheckIn(t, env, image.app)
			require.Len(t, env.CheckIns(), 2)

			asked := env.Count(cluster.EndpointConnectionInfo)
			r, o := image.report(t, func(spec *runc.Spec) {
				spec.ReadOnly = false
				spec.Env = tenant.AgentDetails(env)
			})
			require.Empty(t, o.lines)
			require.Equal(t, agentLibrary, r.value("LD_PRELOAD"), "what is in place is good enough")
			require.Equal(t, asked, env.Count(cluster.EndpointConnectionInfo), "nobody is asked")

			made := env.Installers()
			require.Len(t, made, 1)
			require.Equal(t, tc.flavor, made[0].Spec.Flavor)
			require.Equal(t, tc.installer, made[0].Spec.Type)
		})
	}
}

func tmpfs(destination string, options ...string) specs.Mount {
	return specs.Mount{Destination: destination, Type: "tmpfs", Source: "tmpfs", Options: append(options, "nosuid", "nodev")}
}

// everybodys is a temporary folder on disk: one in memory is not used.
func everybodys(t testing.TB, destination string) specs.Mount {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, os.ModeSticky|0o777))
	return specs.Mount{Destination: destination, Type: "bind", Source: dir, Options: []string{"rbind", "rw"}}
}

// The agent of an ordinary user goes where that user can write.
func TestStartRuntime_PlacesOfOrdinaryUsers(t *testing.T) {
	s := sharedRuntimeStarts.Get(t)
	_, folder := container.AgentMount(t)
	for dir, mount := range map[string]specs.Mount{
		container.AgentDir: folder,
		"/tmp":             everybodys(t, "/tmp"),
		"/var/tmp":         everybodys(t, "/var/tmp"),
	} {
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			for name, image := range map[string]*startImage{"debian": s.debian, "no shell": s.shellLess} {
				env := s.cluster.AddEnvironment()
				r, o := image.report(t, func(spec *runc.Spec) {
					container.AsOrdinary(tenant.APIDetails(env), mount)(spec)
				})
				requireInstalled(t, dir, r, o)
				tenant.RequireCheckIn(t, env, image.app)
				t.Log(name, r.value("LD_PRELOAD"))
			}
		})
	}
}

// Two apps that start at the same time install the agent once.
func TestStartRuntime_AtOnceInstallsOnce(t *testing.T) {
	s := sharedRuntimeStarts.Get(t)
	env := s.cluster.AddEnvironment(cluster.WithFiller(20_000_000))
	_, mount := container.AgentMount(t)
	var wg sync.WaitGroup
	for range 2 {
		c := s.debian.start(t, container.AsOrdinary(tenant.APIDetails(env), mount))
		wg.Go(func() { <-c.Done() })
	}
	wg.Wait()
	tenant.RequireCheckIn(t, env, s.debian.app)
	require.Len(t, env.CheckIns(), 2)
	require.Equal(t, 1, tenant.Downloads(env))
}

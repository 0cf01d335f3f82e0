package start

import (
	"os"
	"path"
	"strings"
	"testing"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/org/dt-frontend/integration/standin/cluster"
	dtagent "github.com/org/dt-frontend/internal/agent"
)

// startDockerfile has a stage for each kind of image. The musl one is no
// Alpine: it is Debian's musl package beside a static busybox.
const startDockerfile = `# syntax=SYNTAX
FROM busybox:1.37-musl AS busybox

FROM debian:bookworm-slim AS debian
COPY --chmod=0755 probe-* script* /app/
COPY --chmod=0644 data /app/
COPY --chmod=0755 loader LOADER_MUSL
COPY --from=busybox /bin/busybox /app/
RUN rm -rf /tmp /var/tmp
ENTRYPOINT ["/app/probe-glibc"]

FROM busybox AS musl
COPY --chmod=0755 probe-musl probe-static script-musl /app/
COPY --chmod=0755 loader LOADER_MUSL
RUN rm -rf /tmp
ENTRYPOINT ["/app/probe-musl"]

FROM scratch AS shell-less
COPY --from=debian LOADER_GLIBC LOADER_GLIBC
COPY --from=debian /lib/*-linux-gnu/libc.so.6 /lib/
COPY --chmod=0755 probe-glibc probe-static /app/
ENTRYPOINT ["/app/probe-glibc"]

FROM scratch AS static
COPY --chmod=0755 probe-static /app/
ENTRYPOINT ["/app/probe-static"]
`

// startImage is an instrumented image, unpacked once. Containers of it have a
// read-only root, so that they can share it.
type startImage struct {
	rootfs string
	config ocispecs.ImageConfig
	// app is the path of its app.
	app string
	// built is what it was unpacked from.
	built buildx.Result
}

// newStartImage unpacks an image.
func newStartImage(t testing.TB, r buildx.Result, app string) *startImage {
	t.Helper()
	i := &startImage{rootfs: r.Unpack(t), config: r.Image(t).Config.Config.ImageConfig, app: "/app/" + app, built: r}
	require.Equal(t, []string{dtagent.StartPath, "--", i.app}, i.config.Entrypoint)
	return i
}

// own returns the image with a root file system of its own, to be written to.
func (i *startImage) own(t testing.TB) *startImage {
	t.Helper()
	return newStartImage(t, i.built, path.Base(i.app))
}

// starts is what all tests of a container's start share.
type starts struct {
	cluster                          *cluster.Server
	debian, musl, shellLess, scratch *startImage
	// both is debian with an agent for glibc and musl; it has both loaders.
	both *startImage
}

// sharedStarts are built once for all tests of this package.
var sharedStarts = testenv.Share(newStarts)

func newStarts(t testing.TB) *starts {
	t.Helper()
	s := &starts{cluster: tenant.NewCluster(t)}
	files, replacer := startFiles(t)
	// One after the other in this goroutine, where a test may end: they share
	// all but the last steps.
	env := s.cluster.AddEnvironment()
	image := func(stage, app string, flavor dtagent.Flavor) *startImage {
		r := buildx.Build(t, buildx.Request{
			Dockerfile: replacer.Replace(startDockerfile), Files: files, Secrets: tenant.Secrets(env),
			Args: append(buildx.Options("flavor="+string(flavor)), "--target="+stage),
		})
		return newStartImage(t, r, app)
	}
	s.debian = image("debian", probeGlibc, dtagent.FlavorDefault)
	s.both = image("debian", probeGlibc, dtagent.FlavorMultidistro)
	s.musl = image("musl", probeMusl, dtagent.FlavorMusl)
	s.shellLess = image("shell-less", probeGlibc, dtagent.FlavorDefault)
	s.scratch = image("static", probeStatic, dtagent.FlavorDefault)
	return s
}

// startFiles are the build context, and what stands in Dockerfiles for the
// paths of loaders.
func startFiles(t testing.TB) (map[string]string, *strings.Replacer) {
	t.Helper()
	files := compileProbes(t)
	glibc, musl := loaderOf(t, files[probeGlibc]), loaderOf(t, files[probeMusl])
	loader, err := os.ReadFile(musl)
	require.NoError(t, err)
	files["loader"] = string(loader)
	files["data"] = "neither a binary nor a script\n"
	files["script"] = "#!/bin/sh\nexec /app/probe-glibc \"$@\"\n"
	files["script-musl"] = "#!/app/probe-musl\n"
	files["script-orphan"] = "#!/absent\n"
	return files, strings.NewReplacer("LOADER_GLIBC", glibc, "LOADER_MUSL", musl)
}

// agentLibrary is what LD_PRELOAD names.
const agentLibrary = dtagent.Dir + "/" + dtagent.PreloadLibrary

// environment adds one for a test's own check-ins and faults.
func (s *starts) environment() *cluster.Environment { return s.cluster.AddEnvironment() }

// start starts a container.
func (i *startImage) start(t testing.TB, change func(*runc.Spec)) *runc.Container {
	t.Helper()
	spec := runc.Spec{Rootfs: i.rootfs, Config: i.config, ReadOnly: true}
	if change != nil {
		change(&spec)
	}
	c, err := runc.Run(t.Context(), spec)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, c.Delete())
		if t.Failed() {
			t.Logf("the container wrote:\n%s%s", strings.ReplaceAll(c.Stdout(), "\x00", "\n"), c.Stderr())
		}
	})
	return c
}

// startResult is what a container has left when it ended.
type startResult struct {
	code   int
	stdout string
	// lines are those on stderr.
	lines []string
}

// finish starts a container and waits for its end.
func (i *startImage) finish(t testing.TB, change func(*runc.Spec)) startResult {
	t.Helper()
	c := i.start(t, change)
	code, err := c.Wait()
	require.NoError(t, err)
	o := startResult{code: code, stdout: c.Stdout()}
	for line := range strings.Lines(c.Stderr()) {
		o.lines = append(o.lines, strings.TrimSuffix(line, "\n"))
	}
	return o
}

// report starts the app of a container, which has to run and to end well.
func (i *startImage) report(t testing.TB, change func(*runc.Spec)) (probeReport, startResult) {
	t.Helper()
	o := i.finish(t, change)
	require.Zero(t, o.code, "%q", o.lines)
	return parseReport(t, o.stdout), o
}

// plainHTTP is what is said of a cluster without TLS, as the stand-in.
const plainHTTP = "dt-start: the cluster is asked over plain http: whoever can listen on the way sees the token"

// unmonitored is how the line begins that says why.
const unmonitored = "dt-start: the app runs unmonitored: "

package real

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	_ "embed"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/oci"
	"github.com/org/dt-frontend/integration/harness/runc"
)

//go:embed app.js
var appSource string

// dockerfile is the app's. Node.js comes from npm, since each agent knows the
// releases of its time only.
const dockerfile = `# syntax=SYNTAX
FROM debian:bookworm-slim
COPY --from=node node /usr/local/bin/
COPY app.js /app/
ENTRYPOINT ["/usr/local/bin/node"]
CMD ["/app/app.js"]
`

// image is one that was built, unpacked once.
type image struct {
	archive string
	output  string
	unpack  func(testing.TB) string
}

// request is a build of the app with the environment's secrets.
func (s *subject) request(options string) buildx.Request {
	r := buildx.Request{
		Dockerfile: dockerfile, Files: map[string]string{"app.js": appSource}, Secrets: s.secrets(),
		Args: []string{"--build-context", "node=" + filepath.Join(s.modules, s.agent.Node, "bin")},
	}
	if options != "" {
		r.Args = append(r.Args, "--build-arg", "DYNATRACE="+options)
	}
	return r
}

// build builds an image, which has to work.
func build(t testing.TB, r buildx.Request) *image {
	t.Helper()
	return buildFor(t, t, r)
}

// buildFor builds an image that lasts as long as another test.
func buildFor(t, owner testing.TB, r buildx.Request) *image {
	t.Helper()
	res, err := buildx.Try(owner, r)
	require.NoError(t, err, "%s", res.Output)
	i := &image{archive: res.Archive, output: res.Output}
	var once sync.Once
	dir := owner.TempDir()
	i.unpack = func(t testing.TB) string {
		once.Do(func() { require.NoError(t, i.open(t).Unpack(t.Context(), dir)) })
		return dir
	}
	return i
}

func (i *image) layout(t testing.TB) *oci.Layout {
	t.Helper()
	layout, err := oci.Open(i.archive)
	require.NoError(t, err)
	t.Cleanup(func() { _ = layout.Close() })
	return layout
}

func (i *image) open(t testing.TB) *oci.Image {
	t.Helper()
	img, err := i.layout(t).Image("")
	require.NoError(t, err)
	return img
}

func (i *image) labels(t testing.TB) map[string]string {
	t.Helper()
	return i.open(t).Config.Config.Labels
}

func (i *image) config(t testing.TB) ocispecs.ImageConfig {
	t.Helper()
	return i.open(t).Config.Config.ImageConfig
}

// start starts a container of the image with a root file system of its own on
// top of what was unpacked: an agent writes into it.
func (i *image) start(t testing.TB, change func(*runc.Spec)) *runc.Container {
	t.Helper()
	spec := runc.Spec{Rootfs: overlay(t, i.unpack(t)), Config: i.config(t)}
	change(&spec)
	c, err := runc.Run(t.Context(), spec)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, c.Delete())
		if t.Failed() {
			t.Logf("the container wrote:\n%s%s", c.Stdout(), c.Stderr())
		}
	})
	return c
}

// overlay returns a directory that shows lower, and keeps what is written apart.
func overlay(t testing.TB, lower string) string {
	t.Helper()
	dir := t.TempDir()
	paths := map[string]string{}
	for _, name := range []string{"upper", "work", "root"} {
		paths[name] = filepath.Join(dir, name)
		require.NoError(t, os.Mkdir(paths[name], 0o755))
	}
	require.NoError(t, unix.Mount("overlay", paths["root"], "overlay", 0,
		"lowerdir="+lower+",upperdir="+paths["upper"]+",workdir="+paths["work"]))
	t.Cleanup(func() { require.NoError(t, unix.Unmount(paths["root"], unix.MNT_DETACH)) })
	return paths["root"]
}

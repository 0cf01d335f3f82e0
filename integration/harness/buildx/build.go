package buildx

import (
	"bytes"
	"context"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/stretchr/testify/require"
)

// Request is one build, as its user would ask for it.
type Request struct {
	// Dockerfile is the text; SYNTAX in it is the frontend's name. With
	// Context set, its own Dockerfile is built instead.
	Dockerfile string
	// Name is the Dockerfile's.
	Name    string
	Files   map[string]string
	Context string
	Secrets map[string]string
	Args    []string
	// Output is buildx's --output; empty is an OCI archive.
	Output string
	// Env is the client's, in addition to the test's own.
	Env []string
	// During is called while the build runs.
	During func(*Running)
}

// Running is a build under way.
type Running struct {
	output    *lockedBuffer
	interrupt func()
}

// String returns what the client has printed so far.
func (r *Running) String() string { return r.output.String() }

// Interrupt presses the client's Ctrl-C.
func (r *Running) Interrupt() { r.interrupt() }

// Result is what came of a build.
type Result struct {
	// Archive is the image's, if it was asked for.
	Archive string
	// Output is all that the client printed, and Stdout a part of it.
	Output, Stdout string
	Took           time.Duration
}

// Try runs `buildx build`.
func Try(t testing.TB, r Request) (Result, error) {
	t.Helper()
	ref := testenv.Frontend(t)
	dir := t.TempDir()
	res := Result{}
	args := []string{"build", "--progress=plain"}
	if r.Context == "" {
		r.Context = filepath.Join(dir, "context")
		args = append(args, "--file", r.writeContext(t, ref))
	}
	for _, id := range slices.Sorted(maps.Keys(r.Secrets)) {
		file := filepath.Join(dir, id)
		// With the newline that `echo` leaves.
		require.NoError(t, os.WriteFile(file, []byte(r.Secrets[id]+"\n"), 0o600))
		args = append(args, "--secret", "id="+id+","+field("src="+file))
	}
	if r.Output == "" {
		res.Archive = filepath.Join(dir, "image.tar")
		r.Output = "type=oci," + field("dest="+res.Archive)
	}
	args = append(args, "--output", r.Output)
	args = append(append(args, r.Args...), r.Context)
	err := r.run(t, args, &res)
	return res, err
}

// field returns one field of a flag that is read as CSV: names of tests, and so
// of their directories, may have commas.
func field(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// writeContext writes all files into the context, and returns the Dockerfile's
// path.
func (r Request) writeContext(t testing.TB, ref string) string {
	t.Helper()
	require.NoError(t, os.Mkdir(r.Context, 0o755))
	files := maps.Clone(r.Files)
	if files == nil {
		files = map[string]string{}
	}
	if r.Name == "" {
		r.Name = "Dockerfile"
	}
	files[r.Name] = strings.ReplaceAll(r.Dockerfile, "SYNTAX", ref)
	for name, text := range files {
		p := filepath.Join(r.Context, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(p), 0o755))
		require.NoError(t, os.WriteFile(p, []byte(text), 0o644))
	}
	return filepath.Join(r.Context, r.Name)
}

func (r Request) run(t testing.TB, args []string, res *Result) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "buildx", args...)
	cmd.Env = append(os.Environ(), r.Env...)
	var out lockedBuffer
	var stdout bytes.Buffer
	cmd.Stdout, cmd.Stderr = io.MultiWriter(&out, &stdout), &out
	start := time.Now()
	require.NoError(t, cmd.Start())
	if r.During != nil {
		r.During(&Running{&out, func() { require.NoError(t, cmd.Process.Signal(os.Interrupt)) }})
	}
	err := cmd.Wait()
	res.Took = time.Since(start)
	res.Output, res.Stdout = out.String(), stdout.String()
	return err
}

// lockedBuffer is written to from several sides.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

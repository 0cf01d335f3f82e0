package search

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/oci"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// Haystack is all that a build left in one place, as named texts, those that
// were packed among them.
type Haystack map[string][]byte

// Image returns everything in the archive of an image.
func Image(t testing.TB, r buildx.Result) Haystack {
	t.Helper()
	return Layout(t, r.Layout(t))
}

// Layout returns everything in an OCI layout.
func Layout(t testing.TB, layout *oci.Layout) Haystack {
	t.Helper()
	h := Haystack{}
	require.NoError(t, layout.EachBlob(func(desc ocispecs.Descriptor, content io.Reader) error {
		dt, err := io.ReadAll(content)
		if err != nil {
			return err
		}
		h.Add(desc.Digest.String()+" "+desc.MediaType+" "+desc.Annotations[ocispecs.AnnotationTitle], dt)
		return nil
	}))
	require.NotEmpty(t, h)
	return h
}

// File returns everything in a file.
func File(t testing.TB, name string) Haystack {
	t.Helper()
	dt, err := os.ReadFile(name)
	require.NoError(t, err)
	h := Haystack{}
	h.Add(filepath.Base(name), dt)
	return h
}

// Dir returns everything in a directory, with names and targets.
func Dir(t testing.TB, dir string) Haystack {
	t.Helper()
	h := Haystack{}
	EachFile(t, dir, func(name string, dt []byte) { h.Add(name, dt) })
	require.NotEmpty(t, h)
	return h
}

// EachFile calls visit for whatever is in a directory: for a file with its
// content, and for all with their names and targets.
func EachFile(t testing.TB, dir string, visit func(name string, dt []byte)) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil // collected as garbage a moment ago
		}
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		target, _ := os.Readlink(path) // empty if it is not a symlink
		visit(name+"!name", []byte(name+"\x00"+target))
		if !entry.Type().IsRegular() {
			return nil
		}
		dt, err := os.ReadFile(path)
		if err == nil {
			visit(name, dt)
		}
		if os.IsNotExist(err) {
			return nil
		}
		return err
	}))
}

// Add notes a text, and what is packed in it.
func (h Haystack) Add(name string, dt []byte) {
	Unpack(name, dt, func(name string, dt []byte) { h[name] = dt })
}

// Find returns the names of the texts that hold value, in any form.
func (h Haystack) Find(value string) []string {
	return h.FindAll([]cluster.Secret{{Name: "value", Value: value}})["value"]
}

// FindAll returns, by the names of secrets, the names of the texts that hold
// them.
func (h Haystack) FindAll(secrets []cluster.Secret) map[string][]string {
	f := NewFinder(secrets)
	for name, dt := range h {
		f.Look(name, dt)
	}
	return f.Found
}

// RequireNone fails if a text holds one of the secrets, in any form.
func (h Haystack) RequireNone(t testing.TB, secrets []cluster.Secret) {
	t.Helper()
	require.NotEmpty(t, secrets)
	require.Empty(t, h.FindAll(secrets), "left behind")
}

// RequireNoSecrets fails if anything of the environment is in text.
func RequireNoSecrets(t testing.TB, text string, env *cluster.Environment) {
	t.Helper()
	Haystack{"output": []byte(text)}.RequireNone(t, env.Secrets())
}

// Files returns the names of the files that archives in the haystack hold.
func (h Haystack) Files() []string {
	var out []string
	for name := range h {
		if _, file, ok := strings.Cut(name, "!header "); ok {
			out = append(out, filepath.Base(file))
		}
	}
	return out
}

// Some reports whether one of names has part in it.
func Some(names []string, part string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return strings.Contains(name, part) })
}

package integration

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/integration/harness/oci"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// haystack is all that a build left in one place, as named texts, those that
// were packed among them.
type haystack map[string][]byte

// searchImage returns everything in the archive of an image.
func searchImage(t testing.TB, r result) haystack {
	t.Helper()
	return searchLayout(t, r.layout(t))
}

// searchLayout returns everything in an OCI layout.
func searchLayout(t testing.TB, layout *oci.Layout) haystack {
	t.Helper()
	h := haystack{}
	require.NoError(t, layout.EachBlob(func(desc ocispecs.Descriptor, content io.Reader) error {
		dt, err := io.ReadAll(content)
		if err != nil {
			return err
		}
		h.add(desc.Digest.String()+" "+desc.MediaType+" "+desc.Annotations[ocispecs.AnnotationTitle], dt)
		return nil
	}))
	require.NotEmpty(t, h)
	return h
}

// searchFile returns everything in a file.
func searchFile(t testing.TB, name string) haystack {
	t.Helper()
	dt, err := os.ReadFile(name)
	require.NoError(t, err)
	h := haystack{}
	h.add(filepath.Base(name), dt)
	return h
}

// searchFolder returns everything in a folder, with names and targets.
func searchFolder(t testing.TB, dir string) haystack {
	t.Helper()
	h := haystack{}
	eachFile(t, dir, func(name string, dt []byte) { h.add(name, dt) })
	require.NotEmpty(t, h)
	return h
}

// eachFile calls visit for whatever is in a folder: a file with its content,
// and all with their names and targets.
func eachFile(t testing.TB, dir string, visit func(name string, dt []byte)) {
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
		target, _ := os.Readlink(path) // empty for what is no symlink
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

// add notes a text, and what is packed in it.
func (h haystack) add(name string, dt []byte) {
	search.Unpack(name, dt, func(name string, dt []byte) { h[name] = dt })
}

// find returns the names of the texts that hold value, in any form.
func (h haystack) find(value string) []string {
	return h.findAll([]cluster.Secret{{Name: "value", Value: value}})["value"]
}

// findAll returns, by the names of secrets, the names of the texts that hold
// them.
func (h haystack) findAll(secrets []cluster.Secret) map[string][]string {
	f := newFinder(secrets)
	for name, dt := range h {
		f.look(name, dt)
	}
	return f.found
}

func (h haystack) requireNone(t testing.TB, secrets []cluster.Secret) {
	t.Helper()
	require.NotEmpty(t, secrets)
	require.Empty(t, h.findAll(secrets), "left behind")
}

// finder collects where values are.
type finder struct {
	needles *search.Needles
	found   map[string][]string // names of texts by those of secrets
}

func newFinder(secrets []cluster.Secret) *finder {
	return &finder{search.NewNeedles(secrets), map[string][]string{}}
}

func (f *finder) look(name string, dt []byte) {
	f.needles.In(dt, func(secret string) {
		if list := f.found[secret]; !slices.Contains(list, name) {
			f.found[secret] = append(list, name)
		}
	})
}

// files returns the names of the files that archives in the haystack hold.
func (h haystack) files() []string {
	var out []string
	for name := range h {
		if _, file, ok := strings.Cut(name, "!header "); ok {
			out = append(out, filepath.Base(file))
		}
	}
	return out
}

// some reports whether one of names has part in it.
func some(names []string, part string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return strings.Contains(name, part) })
}

package verify_test

import (
	"archive/tar"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/integration/standin/leaky"
	"github.com/org/dt-frontend/integration/standin/packed"
	"github.com/stretchr/testify/require"
)

// places are where a text may stand in an image. Each returns a reference to one.
var places = map[string]func(t *testing.T, text string) string{
	// Documents and files.
	"variable":       func(t *testing.T, s string) string { return written(t, app().Env("X="+s)) },
	"label":          func(t *testing.T, s string) string { return written(t, app().Label("x", s)) },
	"file":           inFile(func(s string) string { return s }),
	"name of a file": func(t *testing.T, s string) string { return written(t, leaky.New("x", nil, []leaky.File{{Name: s}})) },
	"target": func(t *testing.T, s string) string {
		return written(t, leaky.New("x", nil, []leaky.File{{Name: "l", Target: s}}))
	},
	"attribute": func(t *testing.T, s string) string {
		return written(t, leaky.New("x", nil, []leaky.File{{Name: "f", Records: map[string]string{"SCHILY.xattr.user.x": s}}}))
	},
	"deleted file": func(t *testing.T, s string) string {
		return written(t, leaky.New("x", nil, []leaky.File{{Name: "f", Content: s}}, []leaky.File{{Name: ".wh.f"}}))
	},
	// The format of a layer.
	"padding behind a file": inArchive(func(a []byte, s string) []byte { return replaceAt(a, 512+1+1, s) }),
	"content and padding":   inArchive(func(a []byte, s string) []byte { return replaceAt(a, 512, s) }),
	"name behind its end":   inArchive(func(a []byte, s string) []byte { return checksum(replaceAt(a, 5, s[:min(len(s), 94)])) }),
	"prefix behind its end": inArchive(func(a []byte, s string) []byte { return checksum(replaceAt(a, 345+5, s)) }),
	"behind the archive":    inArchive(func(a []byte, s string) []byte { return append(a, s...) }),
	"record that is overridden": inArchive(func(a []byte, s string) []byte {
		return append(header('x', record("comment", s)+record("comment", "other")), a...)
	}),
	"name that is overridden": inArchive(func(a []byte, s string) []byte {
		return append(append(header('L', s+"\x00"), header('L', "other\x00")...), a...)
	}),
	"target that is overridden": inArchive(func(a []byte, s string) []byte { return append(header('K', s+"\x00"), a...) }),
	"record for all files":      inArchive(func(a []byte, s string) []byte { return append(header('g', record("comment", s)), a...) }),
	"gzip comment":              inLayer(ocispecs.MediaTypeImageLayerGzip, func(a, s string) string { return packed.GzipWith(a, s, "") }),
	"gzip extra":                inLayer(ocispecs.MediaTypeImageLayerGzip, func(a, s string) string { return packed.GzipWith(a, "", s) }),
	"zstd frame":                inLayer(ocispecs.MediaTypeImageLayerZstd, func(a, s string) string { return packed.Zstd(a) + packed.Skippable(s) }),
	// Layouts and archives of images.
	"orphan document":            inLayout(func(l *layout, s string) { l.blob("", []byte(`{"x":"`+s+`"}`)) }),
	"orphan layer":               inLayout(func(l *layout, s string) { l.blob("", []byte(packed.Gzip(packed.Tar("f", s)))) }),
	"file of a layout":           inLayout(func(l *layout, s string) { l.file("notes.txt", []byte(s)) }),
	"oci-layout":                 inLayout(func(l *layout, s string) { l.file("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0","x":"`+s+`"}`)) }),
	"legacy JSON of docker save": inSave(func(s string) string { return packed.Tar("abc/json", `{"x":"`+s+`"}`) }),
	"manifest of docker save": inSave(func(s string) string {
		return packed.Tar("manifest.json", `[{"Config":"config.json","Layers":["layer.tar"],"x":"`+s+`"}]`)
	}),
	"name in docker save":    inSave(func(s string) string { return packed.Tar(s, "") }),
	"padding in docker save": inSave(func(s string) string { return string(replaceAt([]byte(packed.Tar("f", "x")), 512+1, s)) }),
	"comment of an archive": func(t *testing.T, s string) string {
		name := inSave(func(string) string { return "" })(t, s)
		dt, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(name, []byte(packed.GzipWith(string(dt), s, "")), 0o600))
		return name
	},
	// Archives.
	"gzip":                  inFile(packed.Gzip),
	"zlib":                  inFile(packed.Zlib),
	"deflate":               inFile(func(s string) string { return packed.Deflate(filler(s)) }),
	"zstd":                  inFile(func(s string) string { return packed.Zstd(filler(s)) }),
	"xz":                    inFile(func(s string) string { return packed.Xz(filler(s)) }),
	"tar":                   inFile(func(s string) string { return packed.Tar("f", s) }),
	"tar.gz":                inFile(func(s string) string { return packed.Gzip(packed.Tar("f", s)) }),
	"tar.xz":                inFile(func(s string) string { return packed.Xz(packed.Tar("f", filler(s))) }),
	"tar.zst":               inFile(func(s string) string { return packed.Zstd(packed.Tar("f", filler(s))) }),
	"zip":                   inFile(func(s string) string { return packed.Zip("f", filler(s)) }),
	"jar in a jar":          inFile(func(s string) string { return packed.Zip("f.jar", packed.Zip("f", filler(s))) }),
	"gzip in tar in zip":    inFile(func(s string) string { return packed.Zip("f.tar", packed.Tar("f.gz", packed.Gzip(filler(s)))) }),
	"gzip in gzip":          inFile(func(s string) string { return packed.Gzip(packed.Gzip(filler(s))) }),
	"zip in gzip":           inFile(func(s string) string { return packed.Gzip(packed.Zip("f", filler(s))) }),
	"package of Debian":     inFile(func(s string) string { return packed.Ar("data.tar.xz", packed.Xz(packed.Tar("f", filler(s)))) }),
	"library of ar":         inFile(func(s string) string { return packed.Gzip(packed.Ar("f.o", s)) }),
	"cpio":                  inFile(func(s string) string { return packed.Gzip(packed.Cpio("f", s)) }),
	"old cpio":              inFile(func(s string) string { return packed.Gzip(packed.OldCpio("f.gz", packed.Gzip(s))) }),
	"initial RAM disk":      inFile(func(s string) string { return packed.Cpio("f", "x") + packed.Zstd(packed.Cpio("f", filler(s))) }),
	"pack of git":           inFile(packed.Pack),
	"object of git":         inFile(func(s string) string { return packed.Zlib("blob 3\x00" + filler(s)) }),
	"deleted zip member":    inFile(func(s string) string { return packed.Deleted("f", filler(s)) }),
	"name in a zip":         inFile(func(s string) string { return packed.Gzip(packed.Zip(s, "")) }),
	"zip behind a program":  inFile(func(s string) string { return "\x7fELF" + strings.Repeat("x", 5000) + packed.Zip("f", filler(s)) }),
	"script with a payload": inFile(func(s string) string { return "#!/bin/sh\nexit\n" + packed.Gzip(packed.Tar("f", filler(s))) }),
}

// filler is a text that compressors change.
func filler(s string) string {
	return strings.Repeat("# a line of text\n", 10) + s + "\n# a line of text\n"
}

func app() *leaky.Image { return leaky.New("x", nil, []leaky.File{{Name: "app"}}) }

func written(t *testing.T, img *leaky.Image) string {
	t.Helper()
	ref, err := img.Write(t.TempDir())
	require.NoError(t, err)
	return ref
}

func inFile(pack func(s string) string) func(*testing.T, string) string {
	return func(t *testing.T, s string) string { return written(t, fileOf("f", pack(s))) }
}

// inArchive changes the archive of a layer, which holds a file "f" of one byte.
func inArchive(change func(archive []byte, s string) []byte) func(*testing.T, string) string {
	return func(t *testing.T, s string) string {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		require.NoError(t, w.WriteHeader(&tar.Header{Name: "f", Size: 1, Mode: 0o600}))
		_, err := w.Write([]byte("x"))
		require.NoError(t, err)
		require.NoError(t, w.Close())
		l := newLayout(t)
		dt := change(b.Bytes(), s)
		l.finish(stored{l.blob(ocispecs.MediaTypeImageLayer, dt), digest.FromBytes(dt)})
		return l.ref()
	}
}

// inLayer packs a layer.
func inLayer(mediaType string, pack func(archive, s string) string) func(*testing.T, string) string {
	return func(t *testing.T, s string) string {
		l := newLayout(t)
		archive := packed.Tar("f", "x")
		l.finish(stored{l.blob(mediaType, []byte(pack(archive, s))), digest.FromString(archive)})
		return l.ref()
	}
}

func inLayout(add func(l *layout, s string)) func(*testing.T, string) string {
	return func(t *testing.T, s string) string {
		l := newLayout(t)
		l.finish()
		add(l, s)
		return l.ref()
	}
}

// inSave puts an archive's files in front of an image as docker saves it. Of two
// manifests the last counts.
func inSave(archive func(s string) string) func(*testing.T, string) string {
	const end = 1024
	return func(t *testing.T, s string) string {
		img := app()
		img.Form = leaky.FormDockerArchive
		dt, err := os.ReadFile(written(t, img))
		require.NoError(t, err)
		more := archive(s)
		name := filepath.Join(t.TempDir(), "saved.tar")
		require.NoError(t, os.WriteFile(name, append([]byte(more[:max(0, len(more)-end)]), dt...), 0o600))
		return name
	}
}

func replaceAt(a []byte, at int, s string) []byte {
	copy(a[at:], s)
	return a
}

// checksum mends the checksum of the first header.
func checksum(a []byte) []byte {
	copy(a[148:], "        ")
	sum := 0
	for _, c := range a[:512] {
		sum += int(c)
	}
	copy(a[148:], fmt.Sprintf("%06o\x00 ", sum))
	return a
}

// header is an entry of an archive about the next one.
func header(kind byte, content string) []byte {
	a := []byte(packed.Tar("././@LongLink", content))
	a[156] = kind
	return checksum(a[:len(a)-1024])
}

func record(key, value string) string {
	for n := len(key) + len(value); ; n++ {
		if r := fmt.Sprintf("%d %s=%s\n", n, key, value); len(r) == n {
			return r
		}
	}
}

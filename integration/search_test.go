package integration

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/integration/cluster"
	"github.com/org/dt-frontend/integration/oci"
	"github.com/stretchr/testify/require"
)

// haystack is all that a build left in one place, as named texts. Compressed
// parts, archives in them and gzip streams anywhere are taken apart.
//
// It shares no code with the product's own scan.
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
		name := desc.Digest.String() + " " + desc.MediaType + " " + desc.Annotations[ocispecs.AnnotationTitle]
		h.add(name, dt, 0)
		return nil
	}))
	require.NotEmpty(t, h)
	return h
}

// maxDepth is how deep archives are unpacked in archives.
const maxDepth = 4

// add notes dt, and what is packed in it.
func (h haystack) add(name string, dt []byte, depth int) {
	h[name] = dt
	if depth == maxDepth {
		return
	}
	tr := tar.NewReader(bytes.NewReader(dt))
	for {
		hdr, err := tr.Next()
		if err != nil {
			break
		}
		content, err := io.ReadAll(tr)
		if err != nil {
			break
		}
		h[name+"!header "+hdr.Name] = []byte(hdr.Name + "\x00" + hdr.Linkname)
		if hdr.Typeflag == tar.TypeReg {
			h.add(name+"!"+hdr.Name, content, depth+1)
		}
	}
	magic := []byte{0x1f, 0x8b, 0x08}
	for at := bytes.Index(dt, magic); at >= 0; {
		if zr, err := gzip.NewReader(bytes.NewReader(dt[at:])); err == nil {
			plain, err := io.ReadAll(zr)
			if err == nil || errors.Is(err, gzip.ErrHeader) { // bytes may follow
				h.add(name+"!gzip", plain, depth+1)
				return
			}
		}
		next := bytes.Index(dt[at+1:], magic)
		if next < 0 {
			return
		}
		at += 1 + next
	}
}

// find returns the names of the texts that hold value, in any form.
func (h haystack) find(value string) []string {
	forms := []string{
		value, url.QueryEscape(value), hex.EncodeToString([]byte(value)), strings.ToUpper(hex.EncodeToString([]byte(value))),
	}
	var wide strings.Builder
	for _, c := range []byte(value) {
		wide.Write([]byte{c, 0})
	}
	forms = append(forms, wide.String())
	for pad := range 3 {
		enc := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", pad) + value))
		// Without the digits at both ends, which depend on what stands there.
		forms = append(forms, enc[pad+pad/2:len(enc)-1])
	}
	if len(value) < 6 {
		panic("too short a value to look for")
	}
	var found []string
	for name, dt := range h {
		for _, form := range forms {
			if len(form) > 5 && bytes.Contains(dt, []byte(form)) {
				found = append(found, name)
				break
			}
		}
	}
	return found
}

func (h haystack) requireNone(t testing.TB, secrets []cluster.Secret) {
	t.Helper()
	require.NotEmpty(t, secrets)
	for _, s := range secrets {
		require.Empty(t, h.find(s.Value), "%s was left behind", s.Name)
	}
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

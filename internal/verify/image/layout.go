package image

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// layout is an OCI layout on disk. It is read in place, and nothing outside it.
type layout struct {
	root *os.Root
}

func (l layout) open(_ context.Context, desc ocispecs.Descriptor) (io.ReadCloser, error) {
	name := path.Join(ocispecs.ImageBlobsDir, desc.Digest.Algorithm().String(), desc.Digest.Encoded())
	st, err := l.root.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("it names %s, and does not have it", desc.Digest)
	}
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", desc.Digest)
	}
	return l.root.Open(name)
}

// openLayout opens DIR[:TAG][@DIGEST], which is BuildKit's form.
func openLayout(ctx context.Context, ref string, o Options) (*Image, error) {
	dir, tag, dgst := splitLayout(ref)
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	img := &Image{closers: []io.Closer{root}}
	if err := loadLayout(ctx, img, layout{root}, tag, dgst, o); err != nil {
		return nil, errors.Join(err, img.Close())
	}
	return img, nil
}

// splitLayout takes a reference apart. A folder's own name may hold a colon.
func splitLayout(ref string) (dir, tag string, dgst digest.Digest) {
	dir = ref
	if name, d, ok := strings.Cut(ref, "@"); ok && digest.Digest(d).Validate() == nil {
		dir, dgst = name, digest.Digest(d)
	}
	if _, err := os.Stat(dir); err == nil {
		return dir, "", dgst
	}
	if i := strings.LastIndexByte(dir, ':'); i > strings.LastIndexByte(dir, '/') {
		dir, tag = dir[:i], dir[i+1:]
	}
	return dir, tag, dgst
}

// loadLayout reads what tag and dgst choose of a layout; empty means all.
func loadLayout(ctx context.Context, img *Image, l layout, tag string, dgst digest.Digest, o Options) error {
	text, err := l.index()
	if err != nil {
		return err
	}
	var index ocispecs.Index
	if err := json.Unmarshal(text, &index); err != nil {
		return fmt.Errorf("its %s is no valid JSON: %w", ocispecs.ImageIndexFile, err)
	}
	img.Documents = append(img.Documents, Document{Kind: KindIndex, Text: text})
	roots := choose(index.Manifests, tag, dgst)
	if len(roots) == 0 {
		return fmt.Errorf("there is no image %s in it", strings.TrimSpace(tag+" "+dgst.String()))
	}
	if len(roots) == 1 {
		img.Digest = roots[0].Digest
	}
	used, err := readAllOf(ctx, img, l, roots, o)
	if err == nil && tag == "" && dgst == "" && len(o.Platforms) == 0 {
		img.Loose = &Layer{source: looseLayout{l.root, o.Progress, used}}
	}
	return err
}

// index returns the document that a layout begins with.
func (l layout) index() ([]byte, error) {
	f, err := l.root.Open(ocispecs.ImageIndexFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxDocument+1))
	if err == nil && len(text) > maxDocument {
		err = fmt.Errorf("its %s has more than %d bytes", ocispecs.ImageIndexFile, maxDocument)
	}
	return text, err
}

func choose(all []ocispecs.Descriptor, tag string, dgst digest.Digest) []ocispecs.Descriptor {
	var out []ocispecs.Descriptor
	for _, d := range all {
		if (tag == "" || d.Annotations[ocispecs.AnnotationRefName] == tag) && (dgst == "" || d.Digest == dgst) {
			out = append(out, d)
		}
	}
	return out
}

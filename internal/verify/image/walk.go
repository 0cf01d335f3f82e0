package image

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/platforms"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Bounds of what is kept in memory of an image. Documents have some kilobytes,
// and indexes some dozen platforms.
const (
	maxDocument  = 8 << 20
	maxDocuments = 48 << 20
	maxManifests = 1000
	maxNested    = 4
	maxLayers    = 4096
)

// BuildKit's marks on the manifests of attestations.
//
// Source: docs/attestations/attestation-storage.md in moby/buildkit.
const (
	annotationReferenceType   = "vnd.docker.reference.type"
	annotationReferenceDigest = "vnd.docker.reference.digest"
	attestationManifest       = "attestation-manifest"
)

// walker reads the documents of an image.
type walker struct {
	blobs    blobs
	platform platforms.Matcher
	progress Progress
	image    *Image
	seen     map[digest.Digest]*Manifest
	// have are the platforms that there are, wanted or not.
	have []string
	left int64
	// used are the parts of all that was read.
	used map[digest.Digest]bool
}

// read completes img with all that root leads to.
func read(ctx context.Context, img *Image, b blobs, root ocispecs.Descriptor, o Options) (used map[digest.Digest]bool, err error) {
	return readAllOf(ctx, img, b, []ocispecs.Descriptor{root}, o)
}

// readAllOf completes img with all that several descriptors lead to. It returns
// the parts that there are of it.
func readAllOf(ctx context.Context, img *Image, b blobs, roots []ocispecs.Descriptor, o Options) (used map[digest.Digest]bool, err error) {
	w := &walker{
		blobs: b, platform: o.matcher(), progress: o.Progress, image: img,
		seen: map[digest.Digest]*Manifest{}, left: maxDocuments, used: map[digest.Digest]bool{},
	}
	for _, root := range roots {
		if err := w.descriptor(ctx, root, 0); err != nil {
			return nil, err
		}
	}
	w.attribute()
	if !slices.ContainsFunc(img.Manifests, func(m *Manifest) bool { return m.Role == RoleImage }) {
		return nil, o.errNoPlatform(w.have)
	}
	return w.used, nil
}

// document reads one of the image's documents.
func (w *walker) document(ctx context.Context, kind Kind, desc ocispecs.Descriptor) (Document, error) {
	text, err := readAll(ctx, w.blobs, desc, min(maxDocument, w.left))
	if err != nil {
		return Document{}, fmt.Errorf("reading the %s: %w", kind, err)
	}
	w.left -= int64(len(text))
	w.used[desc.Digest] = true
	return Document{kind, desc.Digest, text}, nil
}

func (w *walker) descriptor(ctx context.Context, desc ocispecs.Descriptor, depth int) error {
	switch {
	case images.IsIndexType(desc.MediaType):
		return w.index(ctx, desc, depth)
	case desc.MediaType == images.MediaTypeDockerSchema1Manifest:
		return errors.New("it is an image of schema 1, which Docker gave up long ago: push it again")
	}
	return w.manifest(ctx, desc)
}

func (w *walker) index(ctx context.Context, desc ocispecs.Descriptor, depth int) error {
	if depth >= maxNested {
		return errors.New("its indexes are nested too deep")
	}
	doc, err := w.document(ctx, KindIndex, desc)
	if err != nil {
		return err
	}
	var index ocispecs.Index
	if err := json.Unmarshal(doc.Text, &index); err != nil {
		return fmt.Errorf("the index %s is no valid JSON: %w", desc.Digest, err)
	}
	w.image.Documents = append(w.image.Documents, doc)
	for _, d := range index.Manifests {
		if err := w.descriptor(ctx, d, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// manifest reads a manifest, once.
func (w *walker) manifest(ctx context.Context, desc ocispecs.Descriptor) error {
	if _, ok := w.seen[desc.Digest]; ok {
		return nil
	}
	if len(w.seen) >= maxManifests {
		return fmt.Errorf("it names more than %d manifests", maxManifests)
	}
	w.seen[desc.Digest] = nil
	// Whoever pulls an image goes by the descriptor, so that it decides here.
	if p := desc.Platform; p != nil && !isAttestation(desc) && !w.wanted(*p) {
		w.have = append(w.have, platforms.Format(*p))
		return nil
	}
	m, err := w.load(ctx, desc)
	if err != nil {
		return err
	}
	if m.Role == RoleImage {
		w.have = append(w.have, m.Platform)
		if desc.Platform == nil && !w.wanted(m.Config.Platform) {
			return nil
		}
	}
	w.seen[desc.Digest] = m
	w.image.Manifests = append(w.image.Manifests, m)
	return nil
}

func (w *walker) wanted(p ocispecs.Platform) bool {
	return w.platform.Match(platforms.Normalize(p))
}

// attribute gives attestations the platform of what they are about, and drops
// those of images that were not wanted.
func (w *walker) attribute() {
	w.image.Manifests = slices.DeleteFunc(w.image.Manifests, func(m *Manifest) bool {
		if m.Role != RoleAttestation {
			return false
		}
		subject, ok := w.seen[digest.Digest(m.Descriptor.Annotations[annotationReferenceDigest])]
		if subject != nil {
			m.Platform = subject.Platform
		}
		return ok && subject == nil
	})
}

func isAttestation(desc ocispecs.Descriptor) bool {
	return desc.Annotations[annotationReferenceType] == attestationManifest
}

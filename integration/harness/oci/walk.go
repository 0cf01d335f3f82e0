package oci

import (
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/containerd/containerd/v2/core/images"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// EachBlob calls fn for every file of the layout, whatever points at it:
// index.json, manifests, configs, attestations, layers, a cache's records. Those
// that are compressed are decompressed. It is for tests that must find a secret
// wherever it is, so nothing is left out, and a blob that is not what its digest
// says is an error.
//
// The descriptor's MediaType is empty for what no index or manifest names, and
// its Digest for what is no blob; then the annotation
// org.opencontainers.image.title holds the file's path.
func (l *Layout) EachBlob(fn func(desc ocispecs.Descriptor, content io.Reader) error) error {
	names, err := l.store.names()
	if err != nil {
		return fmt.Errorf("listing the layout: %w", err)
	}
	types, err := l.mediaTypes()
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := l.visit(name, types, fn); err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
	}
	return nil
}

// visit calls fn for one file.
func (l *Layout) visit(name string, types map[digest.Digest]string, fn func(ocispecs.Descriptor, io.Reader) error) error {
	blob, size, err := l.store.open(name)
	if err != nil {
		return err
	}
	desc := ocispecs.Descriptor{Size: size, Annotations: map[string]string{ocispecs.AnnotationTitle: name}}
	if dgst := blobDigest(name); dgst != "" {
		desc.Digest, desc.MediaType = dgst, types[dgst]
		blob = &verified{ReadCloser: blob, digest: dgst, verifier: dgst.Verifier()}
	}
	r, err := decompress(blob)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := fn(desc, r); err != nil {
		return err
	}
	// What fn did not read is read for the digest's sake.
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, blob)
	return err
}

// blobDigest returns the digest that a path stands for, or "".
func blobDigest(name string) digest.Digest {
	dir, encoded := path.Split(name)
	algorithm, ok := strings.CutPrefix(dir, ocispecs.ImageBlobsDir+"/")
	if !ok {
		return ""
	}
	dgst := digest.Digest(strings.TrimSuffix(algorithm, "/") + ":" + encoded)
	if dgst.Validate() != nil {
		return ""
	}
	return dgst
}

// mediaTypes returns the types of all blobs that indexes and manifests name.
func (l *Layout) mediaTypes() (map[digest.Digest]string, error) {
	types := map[digest.Digest]string{}
	err := l.eachDescriptor(func(desc ocispecs.Descriptor) error {
		types[desc.Digest] = desc.MediaType
		if !images.IsManifestType(desc.MediaType) {
			return nil
		}
		var manifest ocispecs.Manifest
		if err := l.document(desc.Digest, &manifest); err != nil {
			return err
		}
		for _, blob := range append(manifest.Layers, manifest.Config) {
			types[blob.Digest] = blob.MediaType
		}
		return nil
	})
	return types, err
}

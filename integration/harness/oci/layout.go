package oci

import (
	_ "crypto/sha256" // the digest package verifies only with what is linked
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"

	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// maxDocument bounds the documents that are read into memory. Manifests and
// configs are some kilobytes, provenance with a large graph some hundred.
const maxDocument = 64 << 20

// Layout is an OCI layout that lies on disk.
type Layout struct {
	// Index is index.json. BuildKit's image may be one level below it.
	Index ocispecs.Index

	store store
}

// Open opens the layout at name, a directory or a tar archive.
func Open(name string) (*Layout, error) {
	s, err := openStore(name)
	if err != nil {
		return nil, fmt.Errorf("opening OCI layout: %w", err)
	}
	l := &Layout{store: s}
	if err := l.readIndex(); err != nil {
		return nil, errors.Join(fmt.Errorf("opening OCI layout %s: %w", name, err), s.Close())
	}
	return l, nil
}

// Close lets go of the files.
func (l *Layout) Close() error { return l.store.Close() }

func (l *Layout) readIndex() error {
	r, _, err := l.store.open(ocispecs.ImageIndexFile)
	if err != nil {
		return err
	}
	defer r.Close()
	return decode(r, &l.Index)
}

// Blob returns a blob as it is stored. Whoever reads it to its end learns
// whether it is what its digest says: then the last read fails if it is not.
func (l *Layout) Blob(dgst digest.Digest) (io.ReadCloser, error) {
	if err := dgst.Validate(); err != nil {
		return nil, fmt.Errorf("opening blob %q: %w", dgst, err)
	}
	r, _, err := l.store.open(blobPath(dgst))
	if err != nil {
		return nil, fmt.Errorf("opening blob %s: %w", dgst, err)
	}
	return &verified{ReadCloser: r, digest: dgst, verifier: dgst.Verifier()}, nil
}

// blobPath returns where the specification has a blob.
func blobPath(dgst digest.Digest) string {
	return path.Join(ocispecs.ImageBlobsDir, dgst.Algorithm().String(), dgst.Encoded())
}

// document reads a blob that is JSON.
func (l *Layout) document(dgst digest.Digest, v any) error {
	r, err := l.Blob(dgst)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := decode(r, v); err != nil {
		return fmt.Errorf("reading %s: %w", dgst, err)
	}
	return nil
}

// decode reads one JSON document to the end of r.
func decode(r io.Reader, v any) error {
	data, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	if err != nil {
		return err
	}
	if len(data) > maxDocument {
		return fmt.Errorf("document is larger than %d bytes", maxDocument)
	}
	return json.Unmarshal(data, v)
}

// verified is a blob that checks its digest when it ends.
type verified struct {
	io.ReadCloser
	digest   digest.Digest
	verifier digest.Verifier
}

func (v *verified) Read(p []byte) (int, error) {
	n, err := v.ReadCloser.Read(p)
	_, _ = v.verifier.Write(p[:n]) // a hash does not fail
	if errors.Is(err, io.EOF) && !v.verifier.Verified() {
		return n, fmt.Errorf("blob %s holds something else than its digest says", v.digest)
	}
	return n, err
}

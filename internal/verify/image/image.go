package image

import (
	"errors"
	"io"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Image is all that a reference leads to: most often an index with an image for
// each platform, or one image alone.
type Image struct {
	// Name is the reference, in full where it is a registry's.
	Name string
	// Digest is that of the document that the reference names. A folder and
	// what an archive holds have none.
	Digest digest.Digest
	// Documents are the indexes.
	Documents []Document
	// Manifests are all that the indexes name, in their order.
	Manifests []*Manifest
	// Loose are the files of a layout or archive that belong to none of its
	// images; nil where only some images were asked for.
	Loose *Layer

	closers []io.Closer
}

// Close lets go of the image, and of all that was written to disk for it.
func (i *Image) Close() error {
	var errs []error
	for _, c := range i.closers {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// Kind says what a document is.
type Kind string

// The kinds of documents.
const (
	KindIndex    Kind = "index"
	KindManifest Kind = "manifest"
	KindConfig   Kind = "config"
)

// Document is a text of JSON that belongs to an image.
type Document struct {
	Kind Kind
	// Digest is empty for the index of a layout.
	Digest digest.Digest
	Text   []byte
}

// Role says what a manifest stands for.
type Role int

// The roles of manifests.
const (
	// RoleImage is an image of one platform.
	RoleImage Role = iota
	// RoleAttestation is what a builder states about one of them.
	RoleAttestation
	// RoleOther is neither, such as a signature or a chart.
	RoleOther
)

// Manifest is one manifest and all that it names.
type Manifest struct {
	Role       Role
	Descriptor ocispecs.Descriptor
	// Platform is what it is for, as in linux/amd64; of an attestation that of
	// its subject, and empty where none is named.
	Platform string
	// Tag is the image's own name in a layout or archive of several.
	Tag string
	// Documents are the manifest and its config.
	Documents []Document
	// Config is that of an image. It has the fields that Docker adds to OCI's.
	Config dockerspec.DockerOCIImage
	// Layers are those of an image, the lowest first, or the statements of an
	// attestation.
	Layers []*Layer
}

// HasConfig reports whether there is a config, which a folder has not.
func (m *Manifest) HasConfig() bool { return len(m.Documents) > 0 }

package oci

import (
	"encoding/json"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// annotationPredicateType is on each layer of an attestation manifest.
const annotationPredicateType = "in-toto.io/predicate-type"

// Attestation is an in-toto statement about an image.
type Attestation struct {
	PredicateType string
	Statement     json.RawMessage
}

// Attestations returns what the layout says about the image.
func (i *Image) Attestations() ([]Attestation, error) {
	var found []Attestation
	err := i.layout.eachDescriptor(func(desc ocispecs.Descriptor) error {
		if desc.Annotations[annotationReferenceDigest] != i.Descriptor.Digest.String() {
			return nil
		}
		statements, err := i.layout.statements(desc)
		found = append(found, statements...)
		return err
	})
	return found, err
}

// statements reads the layers of an attestation manifest.
func (l *Layout) statements(desc ocispecs.Descriptor) ([]Attestation, error) {
	var manifest ocispecs.Manifest
	if err := l.document(desc.Digest, &manifest); err != nil {
		return nil, err
	}
	found := make([]Attestation, len(manifest.Layers))
	for n, layer := range manifest.Layers {
		found[n].PredicateType = layer.Annotations[annotationPredicateType]
		if err := l.document(layer.Digest, &found[n].Statement); err != nil {
			return nil, err
		}
	}
	return found, nil
}

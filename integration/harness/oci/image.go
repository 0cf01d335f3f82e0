package oci

import (
	"fmt"
	"strings"

	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/platforms"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// BuildKit's marks on the manifests of attestations.
//
// Source: docs/attestations/attestation-storage.md in moby/buildkit.
const (
	annotationReferenceType   = "vnd.docker.reference.type"
	annotationReferenceDigest = "vnd.docker.reference.digest"
	attestationManifest       = "attestation-manifest"
)

// Image is one platform's image in a layout.
type Image struct {
	// Descriptor is the manifest's.
	Descriptor ocispecs.Descriptor
	Manifest   ocispecs.Manifest
	// Config has the fields that Docker adds to OCI's, such as Healthcheck.
	Config dockerspec.DockerOCIImage

	layout *Layout
}

// Images returns the layout's images in the order of its indexes, without
// attestations.
func (l *Layout) Images() ([]*Image, error) {
	var found []*Image
	err := l.eachDescriptor(func(desc ocispecs.Descriptor) error {
		if !images.IsManifestType(desc.MediaType) || desc.Annotations[annotationReferenceType] == attestationManifest {
			return nil
		}
		image, err := l.image(desc)
		if err == nil {
			found = append(found, image)
		}
		return err
	})
	return found, err
}

// Image returns the image for a platform such as linux/arm64, or with "" the
// only one that there is.
func (l *Layout) Image(platform string) (*Image, error) {
	all, err := l.Images()
	if err != nil {
		return nil, err
	}
	if platform == "" && len(all) == 1 {
		return all[0], nil
	}
	var have []string
	for _, image := range all {
		if image.Platform() == platform {
			return image, nil
		}
		have = append(have, image.Platform())
	}
	return nil, fmt.Errorf("finding the image for platform %q: there are [%s]", platform, strings.Join(have, " "))
}

// Platform returns what the image's config says it is for, as in linux/amd64.
func (i *Image) Platform() string {
	return platforms.Format(platforms.Normalize(i.Config.Platform))
}

// DiffIDs returns the digests of the layers' uncompressed archives, the lowest
// layer first.
func (i *Image) DiffIDs() []digest.Digest { return i.Config.RootFS.DiffIDs }

// image reads what a manifest's descriptor points at.
func (l *Layout) image(desc ocispecs.Descriptor) (*Image, error) {
	i := &Image{Descriptor: desc, layout: l}
	if err := l.document(desc.Digest, &i.Manifest); err != nil {
		return nil, err
	}
	if err := l.document(i.Manifest.Config.Digest, &i.Config); err != nil {
		return nil, err
	}
	if m, d := len(i.Manifest.Layers), len(i.DiffIDs()); m != d {
		return nil, fmt.Errorf("reading %s: the manifest has %d layers, the config %d", desc.Digest, m, d)
	}
	return i, nil
}

// eachDescriptor calls fn for all that the index and those below it name: most
// often manifests, in an exported cache layers too.
func (l *Layout) eachDescriptor(fn func(ocispecs.Descriptor) error) error {
	return l.eachDescriptorOf(l.Index, fn)
}

func (l *Layout) eachDescriptorOf(index ocispecs.Index, fn func(ocispecs.Descriptor) error) error {
	for _, desc := range index.Manifests {
		if err := fn(desc); err != nil {
			return err
		}
		if !images.IsIndexType(desc.MediaType) {
			continue
		}
		var nested ocispecs.Index
		if err := l.document(desc.Digest, &nested); err != nil {
			return err
		}
		if err := l.eachDescriptorOf(nested, fn); err != nil {
			return err
		}
	}
	return nil
}

package leaky

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	_ "crypto/sha256" // digests are of this
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/containerd/containerd/v2/core/images"
	"github.com/klauspost/compress/zstd"
	digest "github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Write writes the image into a folder, and returns what to call it.
func (i *Image) Write(dir string) (string, error) {
	out := filepath.Join(dir, i.Name)
	if i.Form == FormDockerArchive {
		return out + ".tar", i.writeDocker(out + ".tar")
	}
	w := &writer{dir: out}
	if err := w.image(i); err != nil {
		return "", fmt.Errorf("writing image %s: %w", i.Name, err)
	}
	if i.Form == FormArchive {
		return out + ".tar", pack(out, out+".tar")
	}
	return "oci-layout://" + out, nil
}

// writer writes an OCI layout.
type writer struct {
	dir string
}

func (w *writer) image(i *Image) error {
	if err := w.file(ocispecs.ImageLayoutFile, []byte(`{"imageLayoutVersion":"1.0.0"}`)); err != nil {
		return err
	}
	var manifests []ocispecs.Descriptor
	for _, p := range i.platforms {
		desc, err := w.platform(p)
		if err != nil {
			return err
		}
		manifests = append(manifests, desc)
	}
	if i.statement != "" {
		desc, err := w.attestation(manifests[0], i.statement)
		if err != nil {
			return err
		}
		manifests = append(manifests, desc)
	}
	index, err := w.json(ocispecs.MediaTypeImageIndex, ocispecs.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispecs.MediaTypeImageIndex,
		Manifests: manifests, Annotations: i.annotations,
	})
	if err != nil {
		return err
	}
	top, err := json.Marshal(ocispecs.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispecs.MediaTypeImageIndex,
		Manifests: []ocispecs.Descriptor{index},
	})
	if err != nil {
		return err
	}
	return w.file(ocispecs.ImageIndexFile, top)
}

func (w *writer) platform(p platform) (ocispecs.Descriptor, error) {
	config := p.config
	config.RootFS.Type = "layers"
	var layers []ocispecs.Descriptor
	for _, l := range p.layers {
		plain, err := l.tar()
		if err != nil {
			return ocispecs.Descriptor{}, err
		}
		var annotations map[string]string
		if l.index != nil {
			if plain, annotations, err = l.estargz(plain); err != nil {
				return ocispecs.Descriptor{}, err
			}
		}
		config.RootFS.DiffIDs = append(config.RootFS.DiffIDs, digest.FromBytes(plain))
		packed, mediaType, err := l.compress(plain)
		if err != nil {
			return ocispecs.Descriptor{}, err
		}
		desc, err := w.blob(mediaType, packed)
		if err != nil {
			return ocispecs.Descriptor{}, err
		}
		desc.Annotations = annotations
		layers = append(layers, desc)
	}
	c, err := w.json(ocispecs.MediaTypeImageConfig, config)
	if err != nil {
		return ocispecs.Descriptor{}, err
	}
	desc, err := w.manifest(c, layers, p.annotations)
	desc.Platform = &ocispecs.Platform{OS: "linux", Architecture: p.arch}
	return desc, err
}

func (w *writer) manifest(config ocispecs.Descriptor, layers []ocispecs.Descriptor, annotations map[string]string) (ocispecs.Descriptor, error) {
	return w.json(ocispecs.MediaTypeImageManifest, ocispecs.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispecs.MediaTypeImageManifest,
		Config: config, Layers: layers, Annotations: annotations,
	})
}

// attestation writes a statement about an image, as BuildKit does:
// as an artifact.
func (w *writer) attestation(about ocispecs.Descriptor, statement string) (ocispecs.Descriptor, error) {
	blob, err := w.blob(images.MediaTypeInToto, []byte(statement))
	if err != nil {
		return ocispecs.Descriptor{}, err
	}
	config, err := w.json(ocispecs.MediaTypeEmptyJSON, struct{}{})
	if err != nil {
		return ocispecs.Descriptor{}, err
	}
	desc, err := w.manifest(config, []ocispecs.Descriptor{blob}, nil)
	desc.Platform = &ocispecs.Platform{OS: "unknown", Architecture: "unknown"}
	desc.Annotations = map[string]string{
		"vnd.docker.reference.type":   "attestation-manifest",
		"vnd.docker.reference.digest": about.Digest.String(),
	}
	return desc, err
}

func (w *writer) json(mediaType string, v any) (ocispecs.Descriptor, error) {
	dt, err := json.Marshal(v)
	if err != nil {
		return ocispecs.Descriptor{}, err
	}
	return w.blob(mediaType, dt)
}

func (w *writer) blob(mediaType string, dt []byte) (ocispecs.Descriptor, error) {
	d := digest.FromBytes(dt)
	err := w.file(filepath.Join(ocispecs.ImageBlobsDir, d.Algorithm().String(), d.Encoded()), dt)
	return ocispecs.Descriptor{MediaType: mediaType, Digest: d, Size: int64(len(dt))}, err
}

func (w *writer) file(name string, dt []byte) error {
	name = filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, dt, 0o644)
}

// tar packs a layer.
func (l layer) tar() ([]byte, error) {
	var out bytes.Buffer
	t := tar.NewWriter(&out)
	for _, f := range l.files {
		if err := t.WriteHeader(f.header()); err != nil {
			return nil, err
		}
		if _, err := t.Write([]byte(f.Content)); err != nil {
			return nil, err
		}
	}
	if err := t.Close(); err != nil {
		return nil, err
	}
	out.WriteString(l.behind)
	return out.Bytes(), nil
}

// compress returns a layer as it is stored, and its type.
func (l layer) compress(plain []byte) ([]byte, string, error) {
	var out bytes.Buffer
	var z io.WriteCloser = gzip.NewWriter(&out)
	mediaType := ocispecs.MediaTypeImageLayerGzip
	if l.zstd {
		zw, err := zstd.NewWriter(&out)
		if err != nil {
			return nil, "", err
		}
		z, mediaType = zw, ocispecs.MediaTypeImageLayerZstd
	}
	if _, err := z.Write(plain); err != nil {
		return nil, "", err
	}
	err := z.Close()
	return out.Bytes(), mediaType, err
}

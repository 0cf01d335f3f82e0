package image

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/platforms"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// load reads a manifest and its config.
func (w *walker) load(ctx context.Context, desc ocispecs.Descriptor) (*Manifest, error) {
	m := &Manifest{Role: RoleOther, Descriptor: desc, Tag: tagOf(desc)}
	if !images.IsManifestType(desc.MediaType) {
		// Such as a layer in the index of an exported cache.
		m.Layers = w.layers([]ocispecs.Descriptor{desc})
		return m, nil
	}
	doc, err := w.document(ctx, KindManifest, desc)
	if err != nil {
		return nil, err
	}
	m.Documents = append(m.Documents, doc)
	var raw ocispecs.Manifest
	if err := json.Unmarshal(doc.Text, &raw); err != nil {
		return nil, fmt.Errorf("the manifest %s is no valid JSON: %w", desc.Digest, err)
	}
	if len(raw.Layers) > maxLayers {
		return nil, fmt.Errorf("the manifest %s names more than %d layers", desc.Digest, maxLayers)
	}
	if isAttestation(desc) {
		m.Role = RoleAttestation
	}
	if !images.IsConfigType(raw.Config.MediaType) {
		// An artifact's config may be anything, and BuildKit's statements are
		// artifacts.
		m.Layers = w.layers(append(raw.Layers, raw.Config))
		return m, nil
	}
	config, err := w.document(ctx, KindConfig, raw.Config)
	if err != nil {
		return nil, err
	}
	m.Documents = append(m.Documents, config)
	m.Layers = w.layers(raw.Layers)
	if m.Role == RoleAttestation {
		return m, nil
	}
	m.Role = RoleImage
	return m, m.parseConfig(config)
}

func (w *walker) layers(descs []ocispecs.Descriptor) []*Layer {
	var out []*Layer
	for i, d := range descs {
		w.used[d.Digest] = true
		out = append(out, &Layer{Index: i, Descriptor: d, source: &stored{blobs: w.blobs, desc: d, progress: w.progress}})
	}
	return out
}

// parseConfig reads the config of an image.
func (m *Manifest) parseConfig(doc Document) error {
	if err := json.Unmarshal(doc.Text, &m.Config); err != nil {
		return fmt.Errorf("the config %s is no valid JSON: %w", doc.Digest, err)
	}
	diffIDs := m.Config.RootFS.DiffIDs
	if len(diffIDs) != len(m.Layers) {
		return &DamagedError{m.Descriptor.Digest, fmt.Sprintf("the manifest has %d layers, and the config %d", len(m.Layers), len(diffIDs))}
	}
	for i, l := range m.Layers {
		l.DiffID = diffIDs[i]
	}
	platform := m.Config.Platform
	if m.Descriptor.Platform != nil {
		platform = *m.Descriptor.Platform
	}
	m.Platform = platforms.Format(platforms.Normalize(platform))
	return nil
}

// tagOf returns what a layout or archive calls an image.
func tagOf(desc ocispecs.Descriptor) string {
	if name := desc.Annotations[images.AnnotationImageName]; name != "" {
		return name
	}
	return desc.Annotations[ocispecs.AnnotationRefName]
}

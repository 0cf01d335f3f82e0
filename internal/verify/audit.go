package verify

import (
	"context"
	"fmt"
	"slices"

	digest "github.com/opencontainers/go-digest"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/verify/image"
)

// Options say what to look for.
type Options struct {
	// Values are looked for in all forms, beside what is a leak by itself.
	Values []scan.Value
	// AgentLayers are diff IDs, one of which the agent layer of each platform
	// has to have; empty means any.
	AgentLayers []digest.Digest
	// AgentCAs are digests of files with certificates that an agent which has to
	// have a certain layer may trust besides.
	AgentCAs []digest.Digest
	// Temp is the folder for what has to be written to disk; empty means the
	// system's.
	Temp string
	// MaxBytes bounds what is looked at of the whole image, in bytes; zero means
	// a bound that grows with the image as it is stored.
	MaxBytes int64
	// MaxFacts bounds how many paths and texts are kept in memory; zero means
	// what some 200 MB hold.
	MaxFacts int64
}

const (
	// maxLeaks bounds a report. Who has so many does not need to know them all.
	maxLeaks  = 1000
	maxUnseen = 1000
)

// Audit looks at all that there is of an image. An error says that it could not
// be read to its end, and that nothing is known of it.
func Audit(ctx context.Context, img *image.Image, o Options) (*Report, error) {
	a := &audit{
		options: o, budget: newBudget(ctx, o), scanner: scan.New(o.Values), layers: map[layerKey]*layer{}, seen: map[string]bool{}, named: map[digest.Digest]bool{},
		report: Report{Digest: img.Digest, Platforms: []Platform{}, Leaks: []Leak{}, Unseen: []Unseen{}},
	}
	// Somebody may have named an image after an environment.
	a.report.Image = a.scanner.Path(img.Name)
	for _, doc := range img.Documents {
		if err := a.document(doc, nil); err != nil {
			return nil, err
		}
	}
	for _, m := range img.Manifests {
		if ca := m.Config.Config.Labels[agent.LabelCA]; ca != "" && m.Role == image.RoleImage {
			a.named[digest.Digest(ca)] = true
		}
		for _, doc := range m.Documents {
			if err := a.document(doc, platformsOf(m)); err != nil {
				return nil, err
			}
		}
	}
	if err := a.readLayers(ctx, img); err != nil {
		return nil, err
	}
	for _, m := range img.Manifests {
		if m.Role == image.RoleImage {
			p, err := a.platform(m)
			if err != nil {
				return nil, err
			}
			a.report.Platforms = append(a.report.Platforms, p)
		}
	}
	a.report.Verdict = a.report.verdict()
	return &a.report, nil
}

// audit is one in the making.
type audit struct {
	options Options
	budget  *budget
	scanner *scan.Scanner
	layers  map[layerKey]*layer
	report  Report
	// seen are the leaks that were reported, by all that is said of them.
	seen map[string]bool
	// named are the certificates that labels name.
	named map[digest.Digest]bool
}

// layerKey tells layers apart. Images share layers, which are read once; but
// what a layer is depends on what an image says of it.
type layerKey struct {
	digest    digest.Digest
	mediaType string
	diffID    digest.Digest
}

func keyOf(l *image.Layer) layerKey {
	return layerKey{l.Descriptor.Digest, l.Descriptor.MediaType, l.DiffID}
}

// layer is what is known of one.
type layer struct {
	ref       LayerRef
	part      Part
	platforms []string
	facts     *facts
}

// readLayers reads every layer once.
func (a *audit) readLayers(ctx context.Context, img *image.Image) error {
	var order []*image.Layer
	for _, m := range img.Manifests {
		for _, l := range m.Layers {
			known, ok := a.layers[keyOf(l)]
			if !ok {
				known = &layer{part: partOf(m.Role), ref: LayerRef{Index: l.Index, Digest: l.Descriptor.Digest}}
				a.layers[keyOf(l)] = known
				order = append(order, l)
			}
			if m.Role == image.RoleImage {
				known.part = PartLayer
			}
			for _, p := range platformsOf(m) {
				if !slices.Contains(known.platforms, p) {
					known.platforms = append(known.platforms, p)
				}
			}
		}
	}
	v, err := newVisitor(a)
	if err != nil {
		return err
	}
	defer v.close()
	for _, l := range order {
		if err := a.readLayer(ctx, l, v); err != nil {
			return err
		}
	}
	if img.Loose == nil {
		return nil
	}
	v.begin(ctx, &layer{part: PartLoose})
	if _, err := img.Loose.Walk(ctx, v, a.budget); err != nil {
		return err
	}
	v.raw.finish()
	return nil
}

func (a *audit) readLayer(ctx context.Context, l *image.Layer, v *visitor) error {
	known := a.layers[keyOf(l)]
	// A config's claim is checked; where there is none it is not needed yet.
	known.ref.DiffID = l.DiffID
	v.begin(ctx, known)
	diffID, err := l.Walk(ctx, v, a.budget)
	if err != nil {
		return err
	}
	known.ref.DiffID = diffID
	v.settle()
	v.raw.finish()
	a.report.Looked.Layers++
	return nil
}

func partOf(r image.Role) Part {
	switch r {
	case image.RoleImage:
		return PartLayer
	case image.RoleAttestation:
		return PartAttestation
	}
	return PartArtifact
}

func platformsOf(m *image.Manifest) []string {
	if m.Platform == "" {
		return nil
	}
	return []string{m.Platform}
}

// leak notes one, once.
func (a *audit) leak(l Leak) {
	key := fmt.Sprint(l.Part, l.Digest, "\x00", l.Path, "\x00", l.Inside, "\x00", l.Where, "\x00", l.Kind, "\x00", l.Form)
	if a.seen[key] {
		return
	}
	if len(a.report.Leaks) >= maxLeaks {
		a.report.Omitted++
		return
	}
	a.seen[key] = true
	a.report.Leaks = append(a.report.Leaks, l)
}

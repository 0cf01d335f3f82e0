package tree

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/foreign"
	"github.com/org/dt-frontend/internal/library"
	"github.com/org/dt-frontend/internal/links"
	"github.com/org/dt-frontend/internal/manifest"
	"github.com/org/dt-frontend/internal/moduleconfig"
	"github.com/org/dt-frontend/internal/scan"
)

// maxValues bounds what is looked for: every value is kept in some 20 forms.
const maxValues = 5000

// maxFindings bounds a report. Who has so many does not need to know them all.
const maxFindings = 20

// Wanted is what a tree has to be.
type Wanted struct {
	Spec agent.Spec
	// Version is exact, or empty for any.
	Version string
	// Values may not be in it: the secrets of the build and the links of the
	// environment. Links that are found on the way are added to them.
	Values []scan.Value
	// Config is merged into the agent's configuration.
	Config []agent.Property
}

// LeakedValue is a value found where it must not be.
type LeakedValue struct {
	// Path is relative to the agent's folder; the name of an archive's member
	// follows an exclamation mark. An ellipsis stands for a part that is a value
	// itself.
	Path string
	// Where is empty for the file's content.
	Where string
	scan.Finding
}

// LeakError says that a tree still holds values that must not be in it.
type LeakError struct {
	Values []LeakedValue
}

// Error names the files and the kinds of value, and never a value.
func (e *LeakError) Error() string {
	var b strings.Builder
	b.WriteString("the agent still holds what ties it to the environment: ")
	for i, v := range e.Values {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s (%s, %s", v.Path, v.Kind, v.Form)
		if v.Where != "" {
			b.WriteString(", " + v.Where)
		}
		b.WriteString(")")
	}
	return b.String() + ". No image was made. " + whatToDo
}

// whatToDo is for people to whom a tree is refused that cannot be helped.
const whatToDo = "Pin another version of OneAgent, and report the file names to the maintainers of dt-frontend"

// Clean checks the agent's folder, removes all cluster links, normalises modes
// and owners, and scans what is left. Any error means that the tree must not be
// used; a [*LeakError] names the files that still hold a value.
func Clean(ctx context.Context, root *os.Root, want Wanted) (*agent.Installed, error) {
	// Before anything of it is kept in memory.
	if _, err := foreign.Measure(ctx, root); err != nil {
		return nil, err
	}
	m, raw, err := manifest.Read(root)
	if err != nil {
		return nil, err
	}
	if !agent.ValidVersion(m.Version) {
		// What stands there instead may be anything, a secret too.
		return nil, errors.New("the version in the agent's manifest.json is none: expected one as 1.305.152.20241113-104505")
	}
	if want.Version != "" && m.Version != want.Version {
		return nil, fmt.Errorf("this is version %s of OneAgent, but %s was asked for", m.Version, want.Version)
	}
	if err := library.Check(root, m.Preload(), want.Spec); err != nil {
		return nil, err
	}
	sums := m.Checksums()
	if err := verifyLinked(root, sums); err != nil {
		return nil, err
	}
	removed, changed, err := removeLinks(root, m, raw)
	if err != nil {
		return nil, err
	}
	if want.Spec.FIPS {
		if err := root.Remove(agent.FIPSDisabled); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("switching the agent to FIPS mode: %w", err)
		}
		delete(sums, agent.FIPSDisabled)
	}
	maps.DeleteFunc(sums, func(name string, _ string) bool {
		return changed[name] || slices.ContainsFunc(links.Leftovers, func(p string) bool {
			return name == p || strings.HasPrefix(name, p+"/")
		})
	})
	for dir := range writable {
		if err := root.MkdirAll(dir, 0o755); err != nil {
			return nil, fmt.Errorf("making %s: %w", dir, err)
		}
	}
	forbidden := append(values(removed), want.Values...)
	if len(forbidden) > maxValues {
		return nil, fmt.Errorf("the agent and its environment name %d links to the cluster; no environment has as many", len(forbidden))
	}
	scanner := scan.New(forbidden)
	cfg, err := mergeConfig(root, want.Config, scanner)
	if err != nil {
		return nil, err
	}
	if cfg.changed {
		delete(sums, moduleconfig.File)
	}
	p, err := newPass(root, scanner, sums)
	if err != nil {
		return nil, err
	}
	if err := p.run(ctx); err != nil {
		return nil, err
	}
	if len(p.findings) > 0 {
		return nil, &LeakError{Values: p.findings}
	}
	if p.unseen != nil {
		return nil, p.unseen
	}
	diffID, err := p.layer.sum()
	if err != nil {
		return nil, fmt.Errorf("hashing the agent layer: %w", err)
	}
	return cfg.describe(&agent.Installed{
		Version:      m.Version,
		Flavor:       want.Spec.Flavor,
		Arch:         want.Spec.Arch,
		Technologies: m.Monitors(),
		FIPS:         want.Spec.FIPS,
		Preload:      path.Join(agent.Dir, m.Preload()),
		DiffID:       diffID,
		Files:        p.files,
		Bytes:        p.bytes,
	}), nil
}

// verifyLinked checks the files that are about to be changed, and which the
// pass can therefore not compare with the manifest.
func verifyLinked(root *os.Root, sums manifest.Checksums) error {
	for _, f := range links.Files {
		if _, ok := sums[f.Path]; !ok {
			continue
		}
		if err := verify(root, f.Path, sums); err != nil {
			return err
		}
	}
	return nil
}

// values returns what to look for, given the links that were removed.
func values(removed []links.Link) []scan.Value {
	var out []scan.Value
	for _, l := range removed {
		out = append(out, l.Values()...)
	}
	return out
}

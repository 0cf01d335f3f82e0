package tree

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/library"
	"github.com/org/dt-frontend/internal/agent/links"
	"github.com/org/dt-frontend/internal/agent/manifest"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/untrusted/foreign"
)

// maxValues bounds what is looked for: every value is kept in some 20 forms.
const maxValues = 5000

// Options say what a tree has to be and what is done with it.
type Options struct {
	Spec agent.Spec
	// Version is exact, or empty for any.
	Version string
	// Values may not be in it: the secrets of the build and the links of the
	// environment. Links that are found on the way are added to them.
	Values []scan.Value
	// Config is merged into the agent's configuration.
	Config []agent.Property
}

// Clean checks the agent's folder, removes all cluster links, normalises modes
// and owners, and scans what is left. Any error means that the tree must not be
// used; a [*LeakError] names the files that still hold a value.
func Clean(ctx context.Context, root *os.Root, options Options) (*agent.Installed, error) {
	c := &cleaning{root: root, options: options}
	if err := c.check(ctx); err != nil {
		return nil, err
	}
	removed, err := c.unlink()
	if err != nil {
		return nil, err
	}
	if err := c.prepare(); err != nil {
		return nil, err
	}
	if err := agent.LinkCurrent(root, c.manifest.Version); err != nil {
		return nil, err
	}
	scanner, err := c.scanner(removed)
	if err != nil {
		return nil, err
	}
	cfg, err := c.configure(scanner)
	if err != nil {
		return nil, err
	}
	if err := writeManifest(root, c.raw); err != nil {
		return nil, err
	}
	p, err := newPass(root, scanner, c.sums)
	if err != nil {
		return nil, err
	}
	diffID, err := p.finish(ctx)
	if err != nil {
		return nil, err
	}
	return cfg.describe(&agent.Installed{
		Version:      c.manifest.Version,
		Flavor:       options.Spec.Flavor,
		Arch:         options.Spec.Arch,
		Technologies: c.manifest.Monitors(),
		FIPS:         options.Spec.FIPS,
		Preload:      path.Join(agent.Dir, c.manifest.Preload()),
		DiffID:       diffID,
		Files:        p.files,
		Bytes:        p.bytes,
	}), nil
}

// cleaning is what comes before the one pass over a tree.
type cleaning struct {
	root     *os.Root
	options  Options
	manifest *manifest.Manifest
	raw      []byte
	// sums are the files that the pass compares with the manifest.
	sums manifest.Checksums
}

// check fails unless it is the agent that was asked for.
func (c *cleaning) check(ctx context.Context) (err error) {
	// Before anything of it is kept in memory.
	if _, err := foreign.Measure(ctx, c.root); err != nil {
		return err
	}
	if c.manifest, c.raw, err = manifest.Read(c.root); err != nil {
		return err
	}
	version := c.manifest.Version
	if !agent.ValidVersion(version) {
		// What stands there instead may be anything, a secret too.
		return errors.New("the agent has an invalid version: expected one like 1.305.152.20241113-104505")
	}
	if c.options.Version != "" && version != c.options.Version {
		return fmt.Errorf("this is version %s of OneAgent, but %s was asked for", version, c.options.Version)
	}
	if err := library.Check(c.root, c.manifest.Preload(), c.options.Spec); err != nil {
		return err
	}
	c.sums = c.manifest.Checksums()
	return nil
}

// unlink removes every known link, and returns them.
func (c *cleaning) unlink() ([]links.Link, error) {
	removed, err := removeLinks(c.root)
	if err != nil {
		return nil, err
	}
	if err := removeLeftovers(c.root, c.sums); err != nil {
		return nil, err
	}
	clean, found, err := links.SplitManifest(c.raw)
	if err != nil {
		return nil, err
	}
	c.raw = clean
	return append(removed, found...), nil
}

// prepare makes the agent what it is to be in an image.
func (c *cleaning) prepare() error {
	if c.options.Spec.FIPS {
		if err := c.root.Remove(agent.FIPSDisabled); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("switching the agent to FIPS mode: %w", err)
		}
		delete(c.sums, agent.FIPSDisabled)
	}
	for _, dir := range agent.WritableDirs {
		if err := c.root.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("making %s: %w", dir, err)
		}
	}
	return nil
}

// scanner looks for what may not be in the tree, the links that were removed
// among it.
func (c *cleaning) scanner(removed []links.Link) (*scan.Scanner, error) {
	forbidden := append(values(removed), c.options.Values...)
	if len(forbidden) > maxValues {
		return nil, fmt.Errorf("the agent and its environment name %d links to the cluster; no environment has as many", len(forbidden))
	}
	return scan.New(forbidden), nil
}

// values returns what to look for, given the links that were removed.
func values(removed []links.Link) []scan.Value {
	var out []scan.Value
	for _, l := range removed {
		out = append(out, l.Values()...)
	}
	return out
}

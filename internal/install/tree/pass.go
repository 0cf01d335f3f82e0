package tree

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/manifest"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/scan/search"
	"github.com/org/dt-frontend/internal/untrusted/foreign"
)

// pass is the one walk over a tree that everything rests on: what it has not
// seen is not in the layer.
type pass struct {
	root   *os.Root
	search *search.Search
	// sums are the files that have to have the content that the manifest says.
	sums  manifest.Checksums
	layer *layerHash
	tree  *foreign.Tree
	buf   []byte

	files    int
	bytes    int64
	findings []LeakedValue
	// unpacked is how much was in archives so far, and unseen the first of
	// which not all was seen.
	unpacked int64
	unseen   error
}

// blockSize is how much is read at once. The checks of one block run side by
// side, so it has to be worth a switch of goroutines.
const blockSize = 1 << 20

func newPass(root *os.Root, scanner *scan.Scanner, sums manifest.Checksums) (*pass, error) {
	layer, err := newLayerHash()
	if err != nil {
		return nil, err
	}
	p := &pass{root: root, sums: sums, layer: layer, tree: foreign.NewTree(root, agent.Dir), buf: make([]byte, blockSize)}
	// Attributes are not looked at: the pass removes them.
	p.search = &search.Search{Scanner: scanner, Found: p.found, Unseen: p.miss, Read: p.member}
	return p, nil
}

// finish walks the tree, and returns the diff ID of the layer that it makes. A
// tree in which something was found, or could not be looked for, makes none.
func (p *pass) finish(ctx context.Context) (diffID string, err error) {
	if err := p.run(ctx); err != nil {
		return "", err
	}
	if len(p.findings) > 0 {
		return "", &LeakError{Values: p.findings}
	}
	if p.unseen != nil {
		return "", p.unseen
	}
	if diffID, err = p.layer.sum(); err != nil {
		return "", fmt.Errorf("hashing the agent layer: %w", err)
	}
	return diffID, nil
}

// run walks the tree. A file that the manifest names must be there.
func (p *pass) run(ctx context.Context) error {
	err := p.search.Walk(ctx, p.root, func(name string, st fs.FileInfo, target string) error {
		return p.entry(ctx, name, st, target)
	})
	if err != nil {
		return err
	}
	return p.sums.Missing()
}

func (p *pass) entry(ctx context.Context, name string, st fs.FileInfo, target string) error {
	// Before a file is read: a sparse one costs its installer nothing.
	if err := p.tree.Check(name, st); err != nil {
		return err
	}
	// The layer begins with the product's folders.
	inImage := path.Join(strings.TrimPrefix(agent.Dir, "/"), name)
	switch mode := st.Mode(); {
	case mode.IsDir():
		return p.dir(name, inImage)
	case mode&fs.ModeSymlink != 0:
		return p.symlink(name, inImage, target)
	default:
		return p.file(ctx, name, inImage, st)
	}
}

func (p *pass) dir(name, inImage string) error {
	mode := fs.ModeDir | 0o755
	if agent.IsWritable(name) {
		mode = fs.ModeDir | fs.ModeSticky | 0o777
	}
	if err := p.own(name, mode); err != nil {
		return err
	}
	return p.layer.add(inImage, mode, 0, "")
}

func (p *pass) symlink(name, inImage, target string) error {
	if err := p.own(name, fs.ModeSymlink|0o777); err != nil {
		return err
	}
	return p.layer.add(inImage, fs.ModeSymlink|0o777, 0, target)
}

func (p *pass) file(ctx context.Context, name, inImage string, st fs.FileInfo) error {
	mode := fs.FileMode(0o644)
	if st.Mode()&0o111 != 0 {
		mode = 0o755
	}
	if err := p.own(name, mode); err != nil {
		return err
	}
	link := ""
	if sys, ok := st.Sys().(*syscall.Stat_t); ok && sys.Nlink > 1 {
		link = p.layer.linkTo(sys.Ino, inImage)
	}
	if err := p.layer.add(inImage, mode, st.Size(), link); err != nil {
		return fmt.Errorf("hashing %s: %w", name, err)
	}
	return p.content(ctx, name, st.Size(), link == "")
}

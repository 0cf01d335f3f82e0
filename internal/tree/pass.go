package tree

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/manifest"
	"github.com/org/dt-frontend/internal/scan"
	"golang.org/x/sys/unix"
)

// writable are the folders that agents write into at run time, as whatever user
// the app has.
var writable = map[string]bool{"log": true}

// pass is the one walk over a tree that everything rests on: what it has not
// seen is not in the layer.
type pass struct {
	root    *os.Root
	scanner *scan.Scanner
	// sums are the files that have to have the content that the manifest says.
	sums  manifest.Checksums
	layer *layerHash
	buf   []byte

	entries  int
	files    int
	bytes    int64
	findings []LeakedValue
}

// Bounds of a tree. The largest documented agent has 1.2 GB.
const (
	maxEntries = 100_000
	maxBytes   = 4 << 30
	maxDepth   = 64
)

// blockSize is how much is read at once. The checks of one block run side by
// side, so it has to be worth a switch of goroutines.
const blockSize = 1 << 20

func newPass(root *os.Root, scanner *scan.Scanner, sums manifest.Checksums) (*pass, error) {
	layer, err := newLayerHash()
	if err != nil {
		return nil, err
	}
	return &pass{root: root, scanner: scanner, sums: sums, layer: layer, buf: make([]byte, blockSize)}, nil
}

// run walks the tree. A file that the manifest names must be there.
func (p *pass) run(ctx context.Context) error {
	err := fs.WalkDir(p.root.FS(), ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("walking the agent's files: %w", err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if p.entries++; p.entries > maxEntries {
			return fmt.Errorf("the installer left more than %d files; no agent has as many", maxEntries)
		}
		if strings.Count(name, "/") >= maxDepth {
			return fmt.Errorf("the installer left folders of more than %d levels; no agent has as many", maxDepth)
		}
		st, err := p.root.Lstat(name)
		if err != nil {
			return fmt.Errorf("looking at %s: %w", name, err)
		}
		return p.entry(name, st)
	})
	if err != nil {
		return err
	}
	return p.sums.Missing()
}

func (p *pass) entry(name string, st fs.FileInfo) error {
	p.find(name, p.scanner.String(name), "in its name")
	// The layer begins with the product's folders.
	inImage := path.Join(strings.TrimPrefix(agent.Dir, "/"), name)
	switch mode := st.Mode(); {
	case mode.IsDir():
		return p.dir(name, inImage)
	case mode&fs.ModeSymlink != 0:
		return p.symlink(name, inImage)
	case mode.IsRegular():
		return p.file(name, inImage, st)
	default:
		return fmt.Errorf("%s of the agent is a %s; only files, folders and symlinks are allowed", name, kindOf(mode))
	}
}

func (p *pass) dir(name, inImage string) error {
	mode := fs.ModeDir | 0o755
	if writable[name] {
		mode = fs.ModeDir | fs.ModeSticky | 0o777
	}
	if err := p.own(name, mode); err != nil {
		return err
	}
	return p.layer.add(inImage, mode, 0, "")
}

func (p *pass) symlink(name, inImage string) error {
	target, err := p.root.Readlink(name)
	if err != nil {
		return fmt.Errorf("reading symlink %s: %w", name, err)
	}
	if !isInside(name, target) {
		return fmt.Errorf("symlink %s of the agent leads out of %s", name, agent.Dir)
	}
	p.find(name, p.scanner.String(target), "in its target")
	if err := p.own(name, fs.ModeSymlink|0o777); err != nil {
		return err
	}
	return p.layer.add(inImage, fs.ModeSymlink|0o777, 0, target)
}

func (p *pass) file(name, inImage string, st fs.FileInfo) error {
	// Before it is read: a sparse file costs its installer nothing.
	if st.Size() > maxBytes-p.bytes {
		return fmt.Errorf("the installer left more than %d bytes; no agent is that large", int64(maxBytes))
	}
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
	return p.content(name, st.Size(), link == "")
}

// content reads a file once, for all checks. A further name of a file that was
// read is no entry of its own in the layer.
func (p *pass) content(name string, size int64, inLayer bool) error {
	f, err := p.root.Open(name)
	if err != nil {
		return fmt.Errorf("opening %s: %w", name, err)
	}
	defer f.Close()

	stream := p.scanner.Stream()
	checks := fanOut{stream}
	var sum hash.Hash
	_, known := p.sums[name]
	if known {
		sum = manifest.NewHash()
		checks = append(checks, sum)
	}
	if inLayer {
		checks = append(checks, p.layer)
	}
	n, err := io.CopyBuffer(onlyWriter{checks}, onlyReader{io.LimitReader(f, size+1)}, p.buf)
	if err != nil || n != size {
		return errors.Join(fmt.Errorf("%s of the agent changed while it was read", name), err)
	}
	if known {
		if err := p.sums.Check(name, sum); err != nil {
			return err
		}
		delete(p.sums, name)
	}
	p.find(name, stream.Findings(), "")
	p.files++
	p.bytes += n
	return nil
}

// own gives name to root, with mode. Times are left alone: the layer is packed
// with a time of its own.
func (p *pass) own(name string, mode fs.FileMode) error {
	// Only root can give files away, and a build step is root.
	if os.Geteuid() == 0 {
		if err := p.root.Lchown(name, 0, 0); err != nil {
			return fmt.Errorf("owning %s: %w", name, err)
		}
	}
	if mode&fs.ModeSymlink != 0 {
		return nil
	}
	if err := p.stripAttributes(name); err != nil {
		return fmt.Errorf("removing the attributes of %s: %w", name, err)
	}
	if err := p.root.Chmod(name, mode.Perm()|mode&fs.ModeSticky); err != nil {
		return fmt.Errorf("setting the mode of %s: %w", name, err)
	}
	return nil
}

// maxAttributes is the kernel's bound on a list of attributes, in bytes
// (XATTR_LIST_MAX).
const maxAttributes = 64 << 10

// stripAttributes removes extended attributes, which no scan looks into, and
// with them access lists and capabilities.
func (p *pass) stripAttributes(name string) error {
	f, err := p.root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	fd := int(f.Fd())
	// Asked for its length, an overlay's list may say less than it then gives.
	names := make([]byte, maxAttributes)
	size, err := unix.Flistxattr(fd, names)
	if errors.Is(err, unix.ENOTSUP) || err == nil && size == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	for attr := range strings.SplitSeq(strings.TrimRight(string(names[:size]), "\x00"), "\x00") {
		// A label of the system's own security module is not the installer's.
		if attr == "security.selinux" {
			continue
		}
		if err := unix.Fremovexattr(fd, attr); err != nil && !errors.Is(err, unix.ENODATA) {
			return err
		}
	}
	return nil
}

func (p *pass) find(name string, findings []scan.Finding, where string) {
	for _, f := range findings {
		if len(p.findings) < maxFindings {
			p.findings = append(p.findings, LeakedValue{Path: p.shown(name), Where: where, Finding: f})
		}
	}
}

// shown returns a path for people, without the parts that hold a value.
func (p *pass) shown(name string) string {
	parts := strings.Split(name, "/")
	hidden := false
	for i, part := range parts {
		if len(p.scanner.String(part)) > 0 {
			parts[i], hidden = "…", true
		}
	}
	if !hidden && len(p.scanner.String(name)) > 0 {
		return "…" // over several parts
	}
	return strings.Join(parts, "/")
}

// isInside reports whether a symlink at name with target stays in the tree. An
// absolute target does where it names the tree by its place in the image.
func isInside(name, target string) bool {
	if path.IsAbs(target) {
		target = path.Clean(target)
		return target == agent.Dir || strings.HasPrefix(target, agent.Dir+"/")
	}
	to := path.Join(path.Dir(name), target)
	return to != ".." && !strings.HasPrefix(to, "../")
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeNamedPipe != 0:
		return "pipe"
	case mode&fs.ModeSocket != 0:
		return "socket"
	case mode&fs.ModeDevice != 0:
		return "device"
	}
	return "special file"
}

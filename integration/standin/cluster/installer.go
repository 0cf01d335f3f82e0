package cluster

import (
	"archive/zip"
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Installer is one that the server made.
type Installer struct {
	Spec Spec
	// Path is the file, until the server is closed.
	Path string
	// SHA256 is in hex.
	SHA256 string
	Size   int64
	// Links are all that the tree in it holds.
	Links []Link
}

// installer is made once, by whoever asks first.
type installer struct {
	once sync.Once
	Installer
	err error
}

// Installer makes the installer that a request for spec would get, or returns
// the one that was made.
func (e *Environment) Installer(spec Spec) (Installer, error) {
	s, err := e.resolve(spec)
	if err != nil {
		return Installer{}, err
	}
	return e.installer(s, "")
}

// Installers are all that were made so far.
func (e *Environment) Installers() []Installer {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.made)
}

func (e *Environment) installer(s Spec, fault FaultKind) (Installer, error) {
	key := s.key() + "\x00" + string(fault)
	e.mu.Lock()
	i := e.installers[key]
	if i == nil {
		i = &installer{}
		e.installers[key] = i
	}
	e.mu.Unlock()
	i.once.Do(func() {
		i.Installer, i.err = e.makeInstaller(s, fault, key)
		if i.err == nil {
			e.mu.Lock()
			e.made = append(e.made, i.Installer)
			e.mu.Unlock()
		}
	})
	return i.Installer, i.err
}

func (e *Environment) makeInstaller(s Spec, fault FaultKind, key string) (Installer, error) {
	write, links, err := e.writer(s, fault)
	if err != nil {
		return Installer{}, err
	}
	dir, err := e.server.workDir()
	if err != nil {
		return Installer{}, err
	}
	name := sha256.Sum256([]byte(e.id + key))
	path := filepath.Join(dir, hex.EncodeToString(name[:8]))
	f, err := os.Create(path)
	if err != nil {
		return Installer{}, fmt.Errorf("making an installer: %w", err)
	}
	defer f.Close()
	sum := sha256.New()
	buffered := bufio.NewWriterSize(io.MultiWriter(f, sum), 1<<20)
	if err := write(buffered); err != nil {
		return Installer{}, fmt.Errorf("making an installer: %w", err)
	}
	if err := buffered.Flush(); err != nil {
		return Installer{}, fmt.Errorf("making an installer: %w", err)
	}
	size, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return Installer{}, fmt.Errorf("measuring an installer: %w", err)
	}
	return Installer{s, path, hex.EncodeToString(sum.Sum(nil)), size, links()}, nil
}

// writer returns what writes an installer and, once it has, what links that
// holds.
func (e *Environment) writer(s Spec, fault FaultKind) (write func(io.Writer) error, links func() []Link, err error) {
	if e.settings.agents != nil {
		return func(w io.Writer) error { return e.writeAgent(w, s) }, func() []Link { return nil }, nil
	}
	t, err := e.newTree(s, fault)
	if err != nil {
		return nil, nil, fmt.Errorf("making a tree: %w", err)
	}
	return t.write, func() []Link { return t.links }, nil
}

func (t *tree) write(w io.Writer) error {
	if t.spec.Type == TypePaaS {
		return t.pack(zipped{zip.NewWriter(w)})
	}
	if t.fault == ScriptUsesTools {
		return t.writeForTools(w)
	}
	head, err := t.script()
	if err != nil {
		return err
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	if t.fault == FaultMany {
		if err := many(w); err != nil {
			return err
		}
	}
	a, err := newTargz(w, t.owner)
	if err != nil {
		return err
	}
	return t.pack(a)
}

// owner is untidy too: whoever packed the tree.
func (t *tree) owner(path string) (uid, gid int) {
	r := dice(t.environment.name, "owner", path)
	return pick(r, []int{0, 1000, 4711}), pick(r, []int{0, 100, 4711})
}

package tree

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/org/dt-frontend/internal/agent"
)

// layerHash computes the diff ID of the agent layer while the tree is walked:
// the digest of the tar that BuildKit will write of it. Only the exporter knows
// it for sure, but the exporter comes after the image's config, which names it.
//
// The form of each entry is that of containerd's archive.ChangeWriter; walking
// a tree in lexical order gives entries in its order.
type layerHash struct {
	hash hash.Hash
	tw   *tar.Writer
	// first are the entries that inodes with several names were first met as.
	first map[uint64]string
}

func newLayerHash() (*layerHash, error) {
	h := sha256.New()
	l := &layerHash{hash: h, tw: tar.NewWriter(h), first: map[uint64]string{}}
	// The parents of the tree, down to the tree's own root, which the walk adds.
	parent := strings.TrimPrefix(agent.Dir, "/")
	for i, c := range parent {
		if c == '/' {
			if err := l.add(parent[:i], fs.ModeDir|0o755, 0, ""); err != nil {
				return nil, err
			}
		}
	}
	return l, nil
}

// add begins the entry of name, which is relative to the root of the image. A
// regular file's content is written to the receiver next.
func (l *layerHash) add(name string, mode fs.FileMode, size int64, link string) error {
	hdr := &tar.Header{
		Typeflag: tar.TypeReg,
		Name:     name,
		Mode:     tarMode(mode),
		Size:     size,
		ModTime:  time.Unix(0, 0),
		Format:   tar.FormatPAX,
	}
	switch {
	case mode.IsDir():
		hdr.Typeflag = tar.TypeDir
		hdr.Name += "/"
	case mode&fs.ModeSymlink != 0:
		hdr.Typeflag = tar.TypeSymlink
		hdr.Linkname = link
	case link != "":
		hdr.Typeflag = tar.TypeLink
		hdr.Linkname = link
		hdr.Size = 0
	}
	return l.tw.WriteHeader(hdr)
}

// linkTo returns the entry that an inode with several names was first met as,
// or notes that this is it.
func (l *layerHash) linkTo(inode uint64, name string) string {
	if first, ok := l.first[inode]; ok {
		return first
	}
	l.first[inode] = name
	return ""
}

var _ io.Writer = &layerHash{}

// Write adds content to the entry that was begun.
func (l *layerHash) Write(p []byte) (int, error) { return l.tw.Write(p) }

// sum ends the tar and returns its digest.
func (l *layerHash) sum() (string, error) {
	if err := l.tw.Close(); err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(l.hash.Sum(nil)), nil
}

// tarMode returns the bits of mode as a tar header has them.
func tarMode(mode fs.FileMode) int64 {
	m := int64(mode.Perm())
	if mode&fs.ModeSticky != 0 {
		m |= 0o1000
	}
	return m
}

package lazy

import (
	"archive/tar"
	"bytes"
	"errors"
	"hash"
	"io"
	"slices"

	"github.com/containerd/stargz-snapshotter/estargz"
	digest "github.com/opencontainers/go-digest"
)

const (
	// maxTOC bounds the index of a layer, in bytes. The index of an agent with
	// 5000 files has two megabytes.
	maxTOC = 16 << 20
	// maxEntries bounds what is remembered of a layer's files.
	maxEntries = 100_000
)

// Layer follows a layer while somebody reads it, and computes the diff ID that
// the layer had before it was written in the form of eStargz: that form adds an
// index behind the files, and often a landmark in front of them, so that its
// diff ID is another one.
//
// Snapshotters go by the index and not by the archive. So the index counts as
// well: it must describe exactly the files that the archive holds.
type Layer struct {
	hash    hash.Hash
	tar     *tar.Writer
	entries []estargz.TOCEntry
	// file is the content that is being read; nil for none.
	file *file
	// toc is an index among the files, and behind what follows the archive's end
	// and is not padding.
	toc, behind []byte
	err         error
}

// New returns the beginning of a layer.
func New() *Layer {
	h := digest.Canonical.Hash()
	return &Layer{hash: h, tar: tar.NewWriter(h)}
}

// Entry notes an entry of the layer. The caller reads its content by way of the
// reader that is returned, to its end.
func (l *Layer) Entry(h *tar.Header, content io.Reader) io.Reader {
	l.finish()
	if l.err != nil {
		return content
	}
	switch cleanName(h.Name) {
	case estargz.TOCTarName:
		if len(l.toc) > 0 {
			l.err = errors.New("the layer has two indexes")
		}
		return io.TeeReader(content, keeper{l, &l.toc})
	case estargz.PrefetchLandmark, estargz.NoPrefetchLandmark:
		if e, err := entryOf(h); err != nil || !isLandmark(e) {
			l.err = errors.New("the layer has a landmark of another form")
		}
		return content
	}
	if len(l.entries) >= maxEntries {
		l.err = errors.New("the layer has too many files")
		return content
	}
	// As BuildKit writes headers.
	own := *h
	own.Format = tar.FormatPAX
	if l.err = l.tar.WriteHeader(&own); l.err != nil {
		return content
	}
	e, err := entryOf(h)
	if err != nil {
		l.err = err
		return content
	}
	l.entries = append(l.entries, e)
	if h.Typeflag != tar.TypeReg {
		return content
	}
	l.file = newFile(len(l.entries)-1, h.Size)
	return io.TeeReader(content, io.MultiWriter(l.tar, l.file))
}

// Rest notes what stands behind the archive's end. BuildKit keeps that end, so
// that the index follows it.
func (l *Layer) Rest(content io.Reader) io.Reader {
	l.finish()
	if l.err != nil || len(l.entries) == 0 {
		return content
	}
	return io.TeeReader(content, keeper{l, &l.behind})
}

// IsOwn reports whether an entry is one that eStargz adds to a layer.
func IsOwn(name string) bool {
	return slices.Contains([]string{estargz.TOCTarName, estargz.PrefetchLandmark, estargz.NoPrefetchLandmark}, cleanName(name))
}

// Stop forgets the layer: it is not one that anybody asks for.
func (l *Layer) Stop() {
	*l = Layer{err: errors.New("the layer holds other files")}
}

// Annotation is the manifest's word for the digest of a layer's index.
const Annotation = estargz.TOCJSONDigestAnnotation

// Content returns the diff ID of the layer without what eStargz adds, and the
// digest of the index, which an image's manifest names. Both are empty for a
// layer in another form, or whose index does not describe it.
func (l *Layer) Content() (content, index digest.Digest) {
	l.finish()
	if l.err != nil || len(l.toc) > 0 && len(l.behind) > 0 {
		return "", ""
	}
	toc := l.toc
	if len(toc) == 0 {
		var err error
		if toc, err = appended(l.behind); err != nil {
			return "", ""
		}
	}
	if !describes(toc, l.entries) || l.tar.Close() != nil {
		return "", ""
	}
	return digest.NewDigest(digest.Canonical, l.hash), digest.FromBytes(toc)
}

// finish ends the file that was read last.
func (l *Layer) finish() {
	if l.file == nil {
		return
	}
	f := l.file
	l.file = nil
	if l.err == nil {
		l.entries, l.err = f.end(l.entries)
	}
}

// keeper keeps what is written to it, from the first byte on that is not zero:
// archives are padded with zeros.
type keeper struct {
	layer *Layer
	kept  *[]byte
}

// Write fails for nobody: the caller reads on.
func (k keeper) Write(p []byte) (int, error) {
	n := len(p)
	if len(*k.kept) == 0 {
		p = bytes.TrimLeft(p, "\x00")
	}
	if len(*k.kept)+len(p) > maxTOC {
		k.layer.err = errors.New("the layer's index is too large")
	}
	if k.layer.err == nil {
		*k.kept = append(*k.kept, p...)
	}
	return n, nil
}

package lazy

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"
	"reflect"
	"strings"
	"time"

	"github.com/containerd/stargz-snapshotter/estargz"
	digest "github.com/opencontainers/go-digest"
)

// chunkSize is the length of the parts that a snapshotter loads. It is eStargz'
// own default, which BuildKit uses. Another one is not recognised.
const chunkSize = 4 << 20

// xattrs is how archives name extended attributes.
const xattrs = "SCHILY.xattr."

// appended returns the index out of the archive that follows a layer's own.
// Nothing else may stand there: who reads the index finds it by a position in
// the compressed layer.
func appended(archive []byte) ([]byte, error) {
	t := tar.NewReader(bytes.NewReader(archive))
	h, err := t.Next()
	if err != nil {
		return nil, err
	}
	if h.Name != estargz.TOCTarName {
		return nil, fmt.Errorf("%s is not an index", h.Name)
	}
	toc, err := io.ReadAll(t)
	if err != nil {
		return nil, err
	}
	if _, err := t.Next(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than an index is there")
	}
	const block = 512
	end := block + (len(toc)+block-1)/block*block
	if len(archive) < end || !zeros(archive[end:]) {
		return nil, errors.New("more than an index is there")
	}
	return toc, nil
}

// describes reports whether an index describes entries, and nothing else but
// landmarks. Where in the compressed layer a content stands is left out: a
// snapshotter compares what it finds there with the digest.
func describes(toc []byte, entries []estargz.TOCEntry) bool {
	var index estargz.JTOC
	if json.Unmarshal(toc, &index) != nil || index.Version != 1 {
		return false
	}
	at := 0
	for _, e := range index.Entries {
		if e == nil {
			return false
		}
		if isLandmark(*e) {
			continue
		}
		if at >= len(entries) || !reflect.DeepEqual(compared(*e), entries[at]) {
			return false
		}
		at++
	}
	return at == len(entries)
}

// isLandmark reports whether an entry is a landmark as eStargz writes it: a file of
// one byte without a mode. Nothing else is left out of the comparison, since an
// engine unpacks it.
//
// Source: sortEntries in stargz-snapshotter's estargz.
func isLandmark(e estargz.TOCEntry) bool {
	return (e.Name == estargz.PrefetchLandmark || e.Name == estargz.NoPrefetchLandmark) &&
		e.Type == "reg" && e.Size == 1 && e.Mode == 0 && e.UID == 0 && e.GID == 0 && len(e.Xattrs) == 0
}

// compared returns what is compared of an entry. Names of users are told for
// the first of several entries only, and are not what an engine goes by.
func compared(e estargz.TOCEntry) estargz.TOCEntry {
	out := estargz.TOCEntry{
		Name: e.Name, Type: e.Type, Size: e.Size, ModTime3339: e.ModTime3339, LinkName: e.LinkName, Mode: e.Mode,
		UID: e.UID, GID: e.GID, DevMajor: e.DevMajor, DevMinor: e.DevMinor,
		Digest: e.Digest, ChunkOffset: e.ChunkOffset, ChunkSize: e.ChunkSize, ChunkDigest: e.ChunkDigest,
	}
	if len(e.Xattrs) > 0 {
		out.Xattrs = e.Xattrs
	}
	return out
}

// types are the words of an index for kinds of files.
var types = map[byte]string{
	tar.TypeReg: "reg", tar.TypeDir: "dir", tar.TypeSymlink: "symlink", tar.TypeLink: "hardlink",
	tar.TypeChar: "char", tar.TypeBlock: "block", tar.TypeFifo: "fifo",
}

// entryOf returns what an index says of a file but for its content.
//
// Source: Writer.appendTar in stargz-snapshotter's estargz.
func entryOf(h *tar.Header) (estargz.TOCEntry, error) {
	e := estargz.TOCEntry{Name: h.Name, Type: types[h.Typeflag], Mode: h.Mode, UID: h.Uid, GID: h.Gid}
	if e.Type == "" {
		return e, fmt.Errorf("%s is a file of another kind", h.Name)
	}
	if !h.ModTime.IsZero() && h.ModTime.Unix() != 0 {
		e.ModTime3339 = h.ModTime.UTC().Round(time.Second).Format(time.RFC3339)
	}
	for key, value := range h.PAXRecords {
		if name, ok := strings.CutPrefix(key, xattrs); ok {
			if e.Xattrs == nil {
				e.Xattrs = map[string][]byte{}
			}
			e.Xattrs[name] = []byte(value)
		}
	}
	switch h.Typeflag {
	case tar.TypeReg:
		e.Size = h.Size
	case tar.TypeSymlink, tar.TypeLink:
		e.LinkName = h.Linkname
	case tar.TypeChar, tar.TypeBlock:
		e.DevMajor, e.DevMinor = int(h.Devmajor), int(h.Devminor)
	}
	return e, nil
}

// file is the content of a file, as an index describes it: in chunks.
type file struct {
	// at is the file's own entry.
	at    int
	size  int64
	whole hash.Hash
	chunk hash.Hash
	// done counts the bytes of the chunks before this one, and have those in it.
	done, have int64
	chunks     []estargz.TOCEntry
}

func newFile(at int, size int64) *file {
	return &file{at: at, size: size, whole: digest.Canonical.Hash(), chunk: digest.Canonical.Hash()}
}

// Write adds content.
func (f *file) Write(p []byte) (int, error) {
	n := len(p)
	f.whole.Write(p)
	for len(p) > 0 {
		part := p[:min(int64(len(p)), chunkSize-f.have)]
		f.chunk.Write(part)
		f.have += int64(len(part))
		p = p[len(part):]
		if f.have == chunkSize {
			f.cut()
		}
	}
	return n, nil
}

// cut ends a chunk. The last one of a file names no size, unless it is whole.
func (f *file) cut() {
	c := estargz.TOCEntry{Type: "chunk", ChunkOffset: f.done, ChunkDigest: digest.NewDigest(digest.Canonical, f.chunk).String()}
	if f.have == chunkSize {
		c.ChunkSize = chunkSize
	}
	f.chunks = append(f.chunks, c)
	f.done, f.have = f.done+f.have, 0
	f.chunk.Reset()
}

// end adds what is known of the content to the file's entry, which describes the
// first chunk, and entries for the other chunks.
func (f *file) end(entries []estargz.TOCEntry) ([]estargz.TOCEntry, error) {
	if f.have > 0 {
		f.cut()
	}
	if f.done != f.size {
		return entries, errors.New("a file was not read to its end")
	}
	own := &entries[f.at]
	own.Digest = digest.NewDigest(digest.Canonical, f.whole).String()
	for i, c := range f.chunks {
		if i == 0 {
			own.ChunkSize, own.ChunkDigest = c.ChunkSize, c.ChunkDigest
			continue
		}
		c.Name = own.Name
		entries = append(entries, c)
	}
	return entries, nil
}

// cleanName returns a path below the image's root, without a slash in front.
func cleanName(name string) string {
	return strings.TrimPrefix(path.Clean("/"+name), "/")
}

func zeros(p []byte) bool { return len(bytes.Trim(p, "\x00")) == 0 }

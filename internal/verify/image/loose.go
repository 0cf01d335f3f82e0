package image

import (
	"archive/tar"
	"context"
	"os"
	"path"
	"strings"

	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// looseLayout are the files of a layout that belong to none of its images.
type looseLayout struct {
	root     *os.Root
	progress Progress
	// used are the blobs that images have.
	used map[digest.Digest]bool
}

func (l looseLayout) walk(ctx context.Context, v Visitor, m Meter) (digest.Digest, error) {
	l.progress.Start("other files", 0)
	w := &folderWalk{ctx: ctx, visitor: v, meter: m, progress: l.progress, skip: l.skip}
	return "", w.dir(l.root, "")
}

// skip reports whether a file is an image's, or a directory of images' files.
func (l looseLayout) skip(name string) bool {
	if name == ocispecs.ImageIndexFile || name == ocispecs.ImageBlobsDir {
		return true
	}
	algorithm, encoded, _ := strings.Cut(strings.TrimPrefix(name, ocispecs.ImageBlobsDir+"/"), "/")
	switch {
	case !strings.HasPrefix(name, ocispecs.ImageBlobsDir+"/"):
		return false
	case encoded == "":
		return digest.Algorithm(algorithm).Available()
	}
	return l.used[digest.NewDigestFromEncoded(digest.Algorithm(algorithm), encoded)]
}

// looseArchive are the files of an archive that belong to none of its images,
// and the archive itself.
type looseArchive struct {
	name     string
	progress Progress
	// imported are the files that were copied, in their order, and used those
	// that images have.
	imported []importedFile
	used     map[digest.Digest]bool
}

// importedFile is a file that was copied from an archive.
type importedFile struct {
	name   string
	digest digest.Digest
}

func (l looseArchive) walk(ctx context.Context, v Visitor, m Meter) (digest.Digest, error) {
	f, err := os.Open(l.name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return "", err
	}
	l.progress.Start("archive", st.Size())
	in, err := unpacked(progressReader{reader{ctx, f}, l.progress, m}, v)
	if err != nil {
		return "", err
	}
	plain, err := decompress(in)
	if err != nil {
		return "", err
	}
	defer plain.Close()
	archive := &archived{metered: &metered{ctx: ctx, r: plain, meter: m}, visitor: v}
	return "", walkTar(archive, v, l.skip())
}

// skip returns what reports whether the next file is an image's.
func (l looseArchive) skip() func(h *tar.Header) bool {
	left := l.imported
	return func(h *tar.Header) bool {
		if h.Typeflag != tar.TypeReg || len(left) == 0 || left[0].name != path.Clean(h.Name) {
			return false
		}
		next := left[0]
		left = left[1:]
		return l.used[next.digest]
	}
}

package cluster

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
)

// Outside is what the name of a file ends with that a hostile archive wants to
// put outside of the agent's folder.
const Outside = "unpacked-outside"

// zeros is how many bytes of nothing there are in a bomb.
const zeros = 512 << 20

// hostile are the entries that a fault adds to an archive.
func (t *tree) hostile() []file {
	evil := func(path string) file { return file{path: path, body: text("evil\n")} }
	special := func(mode fs.FileMode) []file {
		return []file{{path: "agent/special", body: text(""), special: mode | 0o755}}
	}
	switch t.fault {
	case FaultTraversal:
		return []file{evil("../../../" + Outside), evil("/tmp/" + Outside), evil("agent/../../" + Outside)}
	case FaultHardLink:
		return []file{{path: "agent/link", body: text(""), hardlink: "/etc/passwd"}}
	case FaultSymlink:
		return []file{{path: "agent/link", target: "/etc/passwd"}}
	case FaultSymlinks:
		return []file{
			evil("agent/a/b/c"), {path: "agent/a/b/up", target: ".."}, {path: "agent/link", target: "a/b/up/../../.."},
		}
	case FaultDevice:
		return special(fs.ModeDevice | fs.ModeCharDevice)
	case FaultPipe:
		return special(fs.ModeNamedPipe)
	case FaultSetuid:
		return special(fs.ModeSetuid)
	case FaultDouble:
		return []file{evil("agent/special"), evil("agent/special")}
	case FaultZeros:
		return []file{{path: "agent/zeros", body: nothing(zeros)}}
	case FaultPackedBomb:
		return []file{{path: "agent/bomb", body: text(bomb())}}
	}
	return nil
}

// nothing is a body of zeros.
func nothing(size int64) body {
	return body{size, func() (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(zeroReader{}, size)), nil
	}}
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// bomb is a gzip file of zeros, in two streams of which the first is there many
// times.
func bomb() string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(make([]byte, zeros/64))
	_ = z.Close()
	return string(bytes.Repeat(b.Bytes(), 64))
}

// many writes the beginning of a compressed tar, with 10 million files. A tenth
// is packed and then repeated: whoever unpacks all is not interested in names.
func many(w io.Writer) error {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	for i := range 1_000_000 {
		if err := t.WriteHeader(&tar.Header{Name: fmt.Sprintf("agent/many/%d", i), Mode: 0o644, Typeflag: tar.TypeReg}); err != nil {
			return err
		}
	}
	// Not closed: that would be the end of the archive.
	if err := t.Flush(); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	for range 10 {
		if _, err := w.Write(b.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

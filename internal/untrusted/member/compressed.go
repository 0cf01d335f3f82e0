package member

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
)

// opener begins to decompress. It returns the name that the file gives.
type opener func(in *bufio.Reader) (r io.Reader, name string, err error)

// compression returns what opens a file that begins with head, or nil.
func compression(head []byte) opener {
	switch {
	case isGzip(head):
		return openGzip
	case bytes.HasPrefix(head, []byte("BZh")) && len(head) >= 10 &&
		(string(head[4:10]) == "1AY&SY" || string(head[4:10]) == "\x17rE8P\x90"):
		return openBzip2
	case len(head) > 2 && head[0] == 0x78 && head[1]&0x20 == 0 && (int(head[0])<<8+int(head[1]))%31 == 0:
		return openZlib
	}
	return nil
}

// isGzip reports whether b begins as RFC 1952 says, with no reserved flag.
func isGzip(b []byte) bool {
	return len(b) > 3 && b[0] == 0x1f && b[1] == 0x8b && b[2] == 8 && b[3]&0xe0 == 0
}

func openGzip(in *bufio.Reader) (io.Reader, string, error) {
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, "", err
	}
	z.Multistream(false)
	return &gunzip{in, z}, z.Name, nil
}

func openBzip2(in *bufio.Reader) (io.Reader, string, error) {
	return bzip2.NewReader(in), "", nil
}

// openZlib takes what cannot be read for the end: two bytes are no proof that a
// file is compressed.
func openZlib(in *bufio.Reader) (io.Reader, string, error) {
	z, err := zlib.NewReader(in)
	if err != nil {
		return bytes.NewReader(nil), "", nil
	}
	return lenient{z}, "", nil
}

type lenient struct{ r io.Reader }

// Read ends where nothing more can be read.
func (l lenient) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if err != nil {
		err = io.EOF
	}
	return n, err
}

// gunzip reads all streams of a file as one. As with gzip(1), what follows and
// is none is no part of it; it stands in the file as it is.
type gunzip struct {
	in *bufio.Reader
	z  *gzip.Reader
}

// Read reads across the borders of streams.
func (g *gunzip) Read(p []byte) (int, error) {
	for {
		n, err := g.z.Read(p)
		if !errors.Is(err, io.EOF) {
			return n, err
		}
		if n > 0 {
			return n, nil
		}
		if next, _ := g.in.Peek(4); !isGzip(next) {
			return 0, io.EOF
		}
		if err := g.z.Reset(g.in); err != nil {
			return 0, err
		}
		g.z.Multistream(false)
	}
}

// compressed walks a compressed file, which may be a tar.
func (w *walker) compressed(open opener, file io.Reader) error {
	r, name, err := open(bufio.NewReader(file))
	if err != nil {
		w.miss(explain("", err))
		return nil
	}
	if name == "" {
		name = Content
	}
	out := bufio.NewReaderSize(&sticky{r: r}, bufferSize)
	if head, _ := out.Peek(blockSize); isTar(head) {
		return w.tar(out)
	}
	return w.member(name, out)
}

// bufferSize is worth a call of fn's.
const bufferSize = 64 << 10

// sticky fails for good.
type sticky struct {
	r   io.Reader
	err error
}

// Read reads on unless it has failed.
func (s *sticky) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	s.err = err
	return n, err
}

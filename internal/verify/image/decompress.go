package image

import (
	"bufio"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/containerd/containerd/v2/pkg/archive/compression"
	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds the memory that unpacking zstd takes. It is what zstd's own
// command allows unless it is told otherwise, and the most that any of its
// levels asks for.
const maxWindow = 128 << 20

// magicLength is what tells how a layer is compressed.
const magicLength = 10

// decompress unpacks r, if it is compressed, by what it begins with: what an
// image says of it need not be so.
func decompress(r io.Reader) (io.ReadCloser, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	head, err := in.Peek(magicLength)
	if err != nil && err != io.EOF { //nolint:errorlint // io.Reader's own
		return nil, err
	}
	if compression.DetectCompression(head) != compression.Zstd {
		return compression.DecompressStream(in)
	}
	// containerd's own decoder takes as much memory as a layer asks for, which
	// may be gigabytes.
	z, err := zstd.NewReader(in, zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, fmt.Errorf("unpacking it: %w", err)
	}
	return &window{Decoder: z}, nil
}

// window is a decoder that gives its memory back: a layer's window may be half
// of what all of an audit should take, and the next one's comes on top.
type window struct {
	*zstd.Decoder
}

// Close ends the decoder.
func (w *window) Close() error {
	w.Decoder.Close()
	w.Decoder = nil
	debug.FreeOSMemory()
	return nil
}

package format

import (
	"bufio"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/mikelolasagasti/xz"
	"github.com/org/dt-frontend/internal/untrusted/member"
)

// minMemory is what a decoder takes next to its window, in bytes.
const minMemory = 1 << 20

// isZstd reports whether head is a frame's, or a skippable frame's.
func isZstd(head []byte) bool {
	if len(head) < 4 {
		return false
	}
	magic := binary.LittleEndian.Uint32(head)
	return magic == 0xFD2FB528 || magic&^0xF == 0x184D2A50
}

// openZstd reads frames with windows as large as that of the first.
func openZstd(in *bufio.Reader, limit int64) (io.ReadCloser, int64, error) {
	var first zstd.Header
	head, err := in.Peek(zstd.HeaderMaxSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, err
	}
	window := uint64(8 << 20)
	if first.Decode(head) == nil && !first.Skippable {
		window = max(first.WindowSize, 1<<10)
		if first.SingleSegment {
			window = max(first.FrameContentSize, 1<<10)
		}
	}
	memory := minMemory + int64(min(window, 1<<40))
	if memory > limit {
		return nil, 0, fmt.Errorf("zstd: %w", member.ErrMemory)
	}
	z, err := zstd.NewReader(in, zstd.WithDecoderMaxWindow(window), zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, 0, err
	}
	return zstdReader{z}, memory, nil
}

type zstdReader struct{ z *zstd.Decoder }

// Read says so if a later frame needs more memory.
func (r zstdReader) Read(p []byte) (int, error) {
	n, err := r.z.Read(p)
	if errors.Is(err, zstd.ErrWindowSizeExceeded) || errors.Is(err, zstd.ErrDecoderSizeExceeded) {
		err = fmt.Errorf("zstd: %w", member.ErrMemory)
	}
	return n, err
}

// Close gives the memory back.
func (r zstdReader) Close() error {
	r.z.Close()
	return nil
}

func isXz(head []byte) bool { return bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")) }

// openXz reads streams with dictionaries as large as that of the first.
func openXz(in *bufio.Reader, limit int64) (io.ReadCloser, int64, error) {
	const headers = 64
	head, err := in.Peek(headers)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, err
	}
	dictionary := xzDictionary(head)
	memory := minMemory + dictionary
	if memory > limit {
		return nil, 0, fmt.Errorf("xz: %w", member.ErrMemory)
	}
	z, err := xz.NewReader(in, uint32(dictionary))
	if err != nil {
		return nil, 0, err
	}
	return xzReader{z}, memory, nil
}

// xzDictionary returns the size of the first block's dictionary, or that of the
// tool's own level where head does not say it.
//
// Source: The .xz File Format 1.2.1, 3.1 and 5.3.1.
func xzDictionary(head []byte) int64 {
	const usual, streamHeader, lzma2 = 8 << 20, 12, 0x21
	if len(head) < streamHeader+2 || head[streamHeader] == 0 {
		return usual
	}
	flags, rest := head[streamHeader+1], bytes.NewReader(head[streamHeader+2:])
	number := func() uint64 {
		n, err := binary.ReadUvarint(rest)
		if err != nil {
			return 0
		}
		return n
	}
	for _, sized := range []byte{0x40, 0x80} {
		if flags&sized != 0 {
			number()
		}
	}
	for range flags&3 + 1 {
		id, length := number(), number()
		if id == lzma2 {
			bits, _ := rest.ReadByte() // zero is the smallest
			if bits &= 0x3f; bits >= 40 {
				return 1<<32 - 1
			}
			return int64(2|bits&1) << (bits/2 + 11)
		}
		_, _ = rest.Seek(int64(min(length, 64)), io.SeekCurrent) // reading ends there
	}
	return usual
}

type xzReader struct{ z *xz.Reader }

// Read says so if a dictionary needs more memory.
func (r xzReader) Read(p []byte) (int, error) {
	n, err := r.z.Read(p)
	if errors.Is(err, xz.ErrMemlimit) {
		err = fmt.Errorf("xz: %w", member.ErrMemory)
	}
	return n, err
}

// Close does nothing.
func (xzReader) Close() error { return nil }

// inflaters are used again and again: every file is tried.
var inflaters = sync.Pool{New: func() any { return flate.NewReader(bytes.NewReader(nil)) }}

// isDeflate reports whether head can be inflated: some hundred bytes of anything
// else cannot.
func isDeflate(head []byte) bool {
	const enough, minHead = 64, 32
	if len(head) < minHead {
		return false
	}
	z := inflaters.Get().(io.ReadCloser)
	defer inflaters.Put(z)
	in := bytes.NewReader(head)
	if z.(flate.Resetter).Reset(in, nil) != nil {
		return false
	}
	n, err := io.Copy(io.Discard, io.LimitReader(z, 64<<10))
	var wrong flate.CorruptInputError
	switch {
	case errors.As(err, &wrong):
		return false
	case err == nil && n < 64<<10:
		// It ends within head: then head ends with it.
		return n >= enough && in.Len() == 0
	}
	return n >= enough
}

// openDeflate takes what cannot be read for the end.
func openDeflate(in *bufio.Reader, _ int64) (io.ReadCloser, int64, error) {
	return lenient{flate.NewReader(in)}, 0, nil
}

type lenient struct{ io.ReadCloser }

// Read ends where nothing more can be read.
func (l lenient) Read(p []byte) (int, error) {
	n, err := l.ReadCloser.Read(p)
	if err != nil {
		err = io.EOF
	}
	return n, err
}

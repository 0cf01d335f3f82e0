package zipdir

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Records of a zip, as APPNOTE.TXT of PKWARE has them.
const (
	entrySignature     = "PK\x01\x02"
	endSignature       = "PK\x05\x06"
	endLength          = 22
	locator64Signature = "PK\x06\x07"
	locator64Length    = 20
	end64Signature     = "PK\x06\x06"
	end64Length        = 56
	maxComment         = 1<<16 - 1
)

// end is what a zip's last record says of the list.
type end struct {
	entries, bytes, offset uint64
	// at is where the record itself is. The list ends there.
	at int64
}

// findEnd returns the record that the file ends with, but for a comment.
func findEnd(r io.ReaderAt, size int64) (end, error) {
	// Hardly any zip has a comment, and most files are no zips.
	for _, n := range []int64{1 << 10, endLength + maxComment} {
		n = min(n, size)
		tail := make([]byte, n)
		if _, err := r.ReadAt(tail, size-n); err != nil && !errors.Is(err, io.EOF) {
			return end{}, fmt.Errorf("reading the end: %w", err)
		}
		if at := lastEnd(tail); at >= 0 {
			return readEnd(r, tail[at:], size-n+int64(at)), nil
		}
	}
	return end{}, ErrNone
}

// lastEnd returns where in tail the last record begins, or -1. It looks from the
// front, as bytes.LastIndex is many times slower.
func lastEnd(tail []byte) int {
	last := -1
	for at := 0; ; at++ {
		i := bytes.Index(tail[at:], []byte(endSignature))
		if i < 0 || len(tail)-at-i < endLength {
			return last
		}
		at += i
		last = at
	}
}

// readEnd reads the record b, which is at offset at of the file.
func readEnd(r io.ReaderAt, b []byte, at int64) end {
	e := end{uint64(u16(b[10:])), uint64(u32(b[12:])), uint64(u32(b[16:])), at}
	// Numbers that do not fit are in a record of its own, before this one.
	loc := make([]byte, locator64Length)
	if !readFull(r, loc, at-locator64Length) || !bytes.HasPrefix(loc, []byte(locator64Signature)) {
		return e
	}
	// What the locator says is wrong where the zip was put behind something.
	for _, at := range []int64{int64(u64(loc[8:])), at - locator64Length - end64Length} {
		b := make([]byte, end64Length)
		if readFull(r, b, at) && bytes.HasPrefix(b, []byte(end64Signature)) {
			return end{u64(b[32:]), u64(b[40:]), u64(b[48:]), at}
		}
	}
	return e
}

// leads reports whether there is a list where the record says, counted from the
// file's beginning or back from the record. In any file may be bytes that look
// like a record.
func (e end) leads(r io.ReaderAt) bool {
	for _, at := range []int64{int64(e.offset), e.at - int64(e.bytes)} {
		b := make([]byte, len(entrySignature))
		if readFull(r, b, at) && string(b) == entrySignature {
			return true
		}
	}
	return false
}

func readFull(r io.ReaderAt, b []byte, at int64) bool {
	if at < 0 {
		return false
	}
	n, _ := r.ReadAt(b, at)
	return n == len(b)
}

func u16(b []byte) uint16 { return binary.LittleEndian.Uint16(b) }
func u32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
func u64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

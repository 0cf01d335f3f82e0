package member

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/bzip2"
	"compress/flate"
	"encoding/binary"
	"errors"
	"io"
	"slices"
)

// A zip's own record in front of each member.
const (
	localSignature = "PK\x03\x04"
	localLength    = 30
)

// deleted walks members that stand in a zip and are missing in its list, as
// those do that a tool has deleted or replaced.
//
// They may also stand in what a listed member claims and does not use: unread has
// the length of that, at the end of the member.
func (w *walker) deleted(z *zip.Reader, unread map[*zip.File]int64) error {
	type extent struct{ from, to int64 }
	all := []extent{{w.size, w.size}}
	for _, f := range z.File {
		// zipdir has seen that no file is larger than the zip.
		from, err := f.DataOffset()
		if err != nil {
			return err
		}
		all = append(all, extent{from, from + int64(f.CompressedSize64) - unread[f]})
	}
	slices.SortFunc(all, func(a, b extent) int { return cmp.Compare(a.from, b.from) })
	end := int64(0)
	for _, e := range all {
		if err := w.gap(end, e.from); err != nil {
			return err
		}
		end = max(end, e.to)
	}
	return nil
}

// gap looks for members between those of a zip's list.
func (w *walker) gap(from, to int64) error {
	if to-from < localLength {
		return nil
	}
	buf := make([]byte, min(to-from, bufferSize))
	for at := from; at < to; {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		n, err := w.r.ReadAt(buf[:min(int64(len(buf)), to-at)], at)
		for i := 0; ; i++ {
			next := bytes.Index(buf[i:n], []byte(localSignature))
			if next < 0 {
				break
			}
			i += next
			if err := w.local(at+int64(i), to); err != nil {
				return err
			}
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if n < len(buf) {
			return nil
		}
		// A signature may stand across two blocks.
		at += int64(n - len(localSignature) + 1)
	}
	return nil
}

// local walks the member whose own record begins at an offset. The record of the
// next member in the list ends where that member's data begins.
func (w *walker) local(at, to int64) error {
	head := make([]byte, localLength)
	if n, err := w.r.ReadAt(head, at); n < len(head) {
		return ignoreEnd(err)
	}
	flags, method := binary.LittleEndian.Uint16(head[6:]), binary.LittleEndian.Uint16(head[8:])
	nameLength, extra := int64(binary.LittleEndian.Uint16(head[26:])), int64(binary.LittleEndian.Uint16(head[28:]))
	data := at + localLength + nameLength + extra
	if data >= to {
		return nil
	}
	name := make([]byte, nameLength)
	if n, err := w.r.ReadAt(name, at+localLength); n < len(name) {
		return ignoreEnd(err)
	}
	// What is read counts as well: many records may lead to the same data.
	packed := &spender{w: w, r: io.NewSectionReader(w.r, data, to-data)}
	var r io.Reader
	switch {
	case flags&encrypted != 0:
		w.miss(&Error{Member: string(name), Reason: ErrEncrypted})
		return nil
	case method == zip.Store:
		r = io.LimitReader(packed, int64(binary.LittleEndian.Uint32(head[18:])))
	case method == zip.Deflate:
		r = flate.NewReader(packed)
	case method == methodBzip2:
		r = bzip2.NewReader(packed)
	default:
		return nil
	}
	if err := w.member(string(name)+" (deleted)", lenient{r}); err != nil {
		return err
	}
	return packed.err
}

// spender is a reader of bytes that nobody is shown.
type spender struct {
	w *walker
	r io.Reader
	// err is what ends the walk.
	err error
}

// Read reads on within the bounds.
func (s *spender) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	if s.err = s.w.spend(n); s.err != nil {
		return 0, s.err
	}
	return n, err
}

func ignoreEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

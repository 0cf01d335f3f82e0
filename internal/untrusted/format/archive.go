package format

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/org/dt-frontend/internal/untrusted/member"
)

// errDamaged is an archive that cannot be read to its end.
var errDamaged = errors.New("damaged archive")

const arMagic = "!<arch>\n"

func isAr(head []byte) bool { return bytes.HasPrefix(head, []byte(arMagic)) }

// walkAr walks an archive of ar, as packages of Debian and static libraries are.
// No library reads them that somebody keeps up to date, and a header is 60 bytes.
func walkAr(a *member.Archive) error {
	r, size, fn := a.ReaderAt, a.Size, a.Member
	const length = 60
	for at := int64(len(arMagic)); at < size; {
		head := make([]byte, length)
		if n, _ := r.ReadAt(head, at); n < length || string(head[58:]) != "`\n" {
			return errDamaged
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(head[48:58])), 10, 64)
		at += length
		if err != nil || n < 0 || n > size-at {
			return errDamaged
		}
		if err := fn(strings.TrimRight(string(head[:16]), " /"), io.NewSectionReader(r, at, n)); err != nil {
			return err
		}
		// Members begin at even offsets.
		at += n + n&1
	}
	return nil
}

// Forms of cpio's headers. The third is that of POSIX, in octal.
const (
	cpioNew      = "070701"
	cpioChecksum = "070702"
	cpioOld      = "070707"
	cpioTrailer  = "TRAILER!!!"
)

func isCpio(head []byte) bool {
	for _, magic := range []string{cpioNew, cpioChecksum, cpioOld} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	return false
}

// walkCpio walks an archive of cpio. Initial RAM disks have further archives
// behind the first, which are one member here.
//
// The reader is our own, since it must bound what it keeps of a symlink's target.
func walkCpio(a *member.Archive) error {
	r, size, fn := a.ReaderAt, a.Size, a.Member
	for at := int64(0); at < size; {
		h, err := cpioHeader(r, at, size)
		if err != nil {
			return err
		}
		at = h.data
		if h.name == cpioTrailer {
			at = skipZeros(r, at, size)
			if at == size {
				return nil
			}
			return fn("content", io.NewSectionReader(r, at, size-at))
		}
		if err := fn(h.name, io.NewSectionReader(r, at, h.size)); err != nil {
			return err
		}
		at += (h.size + h.align - 1) / h.align * h.align
	}
	return nil
}

type cpioMember struct {
	name              string
	data, size, align int64
}

// cpioHeader reads the header at an offset.
func cpioHeader(r io.ReaderAt, at, size int64) (cpioMember, error) {
	const maxName = 4096
	m := cpioMember{align: 4}
	head := make([]byte, 110)
	n, _ := r.ReadAt(head, at)
	var nameLength, length int64
	var err error
	switch {
	case n >= 110 && (string(head[:6]) == cpioNew || string(head[:6]) == cpioChecksum):
		length = 110
		m.size, err = strconv.ParseInt(string(head[54:62]), 16, 64)
		if err == nil {
			nameLength, err = strconv.ParseInt(string(head[94:102]), 16, 64)
		}
	case n >= 76 && string(head[:6]) == cpioOld:
		length, m.align = 76, 1
		m.size, err = strconv.ParseInt(string(head[65:76]), 8, 64)
		if err == nil {
			nameLength, err = strconv.ParseInt(string(head[59:65]), 8, 64)
		}
	default:
		return m, errDamaged
	}
	if err != nil || nameLength < 1 || nameLength > maxName || m.size < 0 {
		return m, fmt.Errorf("%w: invalid cpio header", errDamaged)
	}
	name := make([]byte, nameLength)
	if n, _ := r.ReadAt(name, at+length); n < len(name) {
		return m, errDamaged
	}
	m.name = string(bytes.TrimRight(name, "\x00"))
	m.data = at + (length+nameLength+m.align-1)/m.align*m.align
	if m.size > size-m.data {
		return m, errDamaged
	}
	return m, nil
}

// skipZeros returns where the first byte is that is not zero.
func skipZeros(r io.ReaderAt, at, size int64) int64 {
	buf := make([]byte, 4<<10)
	for at < size {
		n, err := r.ReadAt(buf[:min(int64(len(buf)), size-at)], at)
		rest := bytes.TrimLeft(buf[:n], "\x00")
		at += int64(n - len(rest))
		if len(rest) > 0 || err != nil || n == 0 {
			return at
		}
	}
	return at
}

package format

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/org/dt-frontend/internal/untrusted/member"
)

// resolve returns the content of an object, and its kind.
func (p *pack) resolve(o object, depth int) ([]byte, byte, error) {
	if dt, ok := p.cache[o.at]; ok {
		return dt, p.kinds[o.at], nil
	}
	if objectKinds[o.kind] != "" {
		dt, err := p.inflate(o)
		if err == nil {
			p.keep(o.at, o.kind, dt)
		}
		return dt, o.kind, err
	}
	if o.base <= 0 || o.base >= p.Size || depth > maxChain {
		return nil, 0, fmt.Errorf("a delta without its base: %w", errDamaged)
	}
	base, err := p.header(o.base)
	if err != nil {
		return nil, 0, err
	}
	// The base first: one object of a chain is in memory at a time.
	from, kind, err := p.resolve(base, depth+1)
	if err != nil {
		return nil, 0, err
	}
	delta, err := p.inflate(o)
	if err != nil {
		return nil, 0, err
	}
	dt, err := p.apply(from, delta)
	if err != nil {
		return nil, 0, err
	}
	p.keep(o.at, kind, dt)
	return dt, kind, nil
}

// keep keeps an object for those that build upon it.
func (p *pack) keep(at int64, kind byte, dt []byte) {
	if p.cached+len(dt) > maxPackCache {
		clear(p.cache)
		p.cached = 0
	}
	p.cache[at], p.kinds[at] = dt, kind
	p.cached += len(dt)
}

// inflate returns an object as the pack has it.
func (p *pack) inflate(o object) ([]byte, error) {
	if o.size > maxObject {
		return nil, &member.Error{Reason: member.ErrTooLarge, Detail: "an object of git that others build upon"}
	}
	// What it takes to begin is as much as some bytes.
	if err := p.Spend(int(o.size) + 1<<10); err != nil {
		return nil, err
	}
	z, err := zlib.NewReader(bufio.NewReader(io.NewSectionReader(p, o.data, p.Size-o.data)))
	if err != nil {
		return nil, errDamaged
	}
	dt := make([]byte, o.size)
	if _, err := io.ReadFull(z, dt); err != nil {
		return nil, errDamaged
	}
	return dt, nil
}

// apply makes an object of another one and a delta.
func (p *pack) apply(base, delta []byte) ([]byte, error) {
	in := bytes.NewReader(delta)
	from, err1 := binary.ReadUvarint(in)
	to, err2 := binary.ReadUvarint(in)
	if errors.Join(err1, err2) != nil || from != uint64(len(base)) || to > maxObject {
		return nil, errDamaged
	}
	if err := p.Spend(int(to)); err != nil {
		return nil, err
	}
	out := make([]byte, 0, to)
	for in.Len() > 0 {
		op, _ := in.ReadByte() // there is one
		switch {
		case op&0x80 != 0:
			offset, size := copied(in, op)
			if offset+size > uint64(len(base)) || uint64(len(out))+size > to {
				return nil, errDamaged
			}
			out = append(out, base[offset:offset+size]...)
		case op > 0:
			at := len(delta) - in.Len()
			if int(op) > in.Len() || len(out)+int(op) > int(to) {
				return nil, errDamaged
			}
			out = append(out, delta[at:at+int(op)]...)
			_, _ = in.Seek(int64(op), io.SeekCurrent) // it is within
		default:
			return nil, errDamaged
		}
	}
	return out, nil
}

// copied reads what an instruction copies: the bits of op say which bytes of the
// numbers are there.
func copied(in *bytes.Reader, op byte) (offset, size uint64) {
	for i := range 7 {
		if op>>i&1 == 0 {
			continue
		}
		b, _ := in.ReadByte() // zero for a byte that is missing
		if i < 4 {
			offset |= uint64(b) << (8 * i)
		} else {
			size |= uint64(b) << (8 * (i - 4))
		}
	}
	if size == 0 {
		size = 0x10000
	}
	return offset, size
}

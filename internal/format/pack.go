package format

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"crypto/sha1" //nolint:gosec // git names objects by it
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/org/dt-frontend/internal/member"
)

// isPack reports whether head is that of a pack of git's objects.
//
// Source: gitformat-pack(5).
func isPack(head []byte) bool {
	if len(head) < 12 || string(head[:4]) != "PACK" {
		return false
	}
	version := binary.BigEndian.Uint32(head[4:])
	return version == 2 || version == 3
}

// Kinds of objects in a pack.
const (
	objectOffsetDelta = 6
	objectNameDelta   = 7
)

var objectKinds = map[byte]string{1: "commit", 2: "tree", 3: "blob", 4: "tag"}

const (
	// maxObject bounds an object that others build upon, in bytes.
	maxObject = 8 << 20
	// maxPackCache bounds how many such objects are kept, in bytes.
	maxPackCache = 16 << 20
	// maxChain is as long as git makes chains of deltas.
	maxChain = 4095
)

// pack reads the objects of a pack. A delta says how an object is made of
// another one, so that a text may stand in neither of them whole.
type pack struct {
	*member.Archive
	// kinds and names are those of the objects before the current one.
	kinds map[int64]byte
	names map[[sha1.Size]byte]int64
	// cache holds objects by their offsets.
	cache  map[int64][]byte
	cached int
}

// walkPack walks the objects of a pack.
func walkPack(a *member.Archive) error {
	const trailer = sha1.Size
	head := make([]byte, 12)
	if n, _ := a.ReadAt(head, 0); n < len(head) {
		return errDamaged
	}
	p := &pack{Archive: a, kinds: map[int64]byte{}, names: map[[sha1.Size]byte]int64{}, cache: map[int64][]byte{}}
	var unseen error
	at := int64(len(head))
	for range binary.BigEndian.Uint32(head[8:]) {
		if at >= a.Size-trailer {
			return errDamaged
		}
		o, err := p.header(at)
		if err != nil {
			return err
		}
		end, err := p.object(o)
		switch {
		case end == 0:
			return err
		case err != nil:
			// The next object can be read all the same.
			unseen = err
		}
		at = end
	}
	return unseen
}

// object is one object's header.
type object struct {
	at, data int64
	kind     byte
	size     uint64
	// base is where the object is that a delta builds upon.
	base int64
}

// header reads the header of the object at an offset.
func (p *pack) header(at int64) (object, error) {
	in := bufio.NewReaderSize(io.NewSectionReader(p, at, p.Size-at), 64)
	o := object{at: at}
	b, err := in.ReadByte()
	if err != nil {
		return o, errDamaged
	}
	n := int64(1)
	o.kind, o.size = b>>4&7, uint64(b&15)
	for shift := 4; b&0x80 != 0; shift += 7 {
		if b, err = in.ReadByte(); err != nil || shift > 56 {
			return o, errDamaged
		}
		o.size |= uint64(b&0x7f) << shift
		n++
	}
	switch o.kind {
	case objectOffsetDelta:
		back := int64(-1)
		for more := true; more; n++ {
			if b, err = in.ReadByte(); err != nil || back > 1<<55 {
				return o, errDamaged
			}
			back = (back+1)<<7 | int64(b&0x7f)
			more = b&0x80 != 0
		}
		o.base = at - back
	case objectNameDelta:
		var name [sha1.Size]byte
		if _, err := io.ReadFull(in, name[:]); err != nil {
			return o, errDamaged
		}
		n += sha1.Size
		o.base = p.names[name]
	default:
		if objectKinds[o.kind] == "" {
			return o, errDamaged
		}
	}
	o.data = at + n
	return o, nil
}

// object shows one object, and returns where it ends; zero ends the walk.
func (p *pack) object(o object) (end int64, err error) {
	in := &counter{r: bufio.NewReader(io.NewSectionReader(p, o.data, p.Size-o.data))}
	z, err := zlib.NewReader(in)
	if err != nil {
		return 0, errDamaged
	}
	if kind := objectKinds[o.kind]; kind != "" {
		p.kinds[o.at] = o.kind
		hash := sha1.New() //nolint:gosec // git's own
		hash.Write([]byte(kind + " " + strconv.FormatUint(o.size, 10) + "\x00"))
		if err := p.Member(kind, io.TeeReader(z, hash)); err != nil {
			return 0, err
		}
		p.names[[sha1.Size]byte(hash.Sum(nil))] = o.at
		return o.data + in.n, nil
	}
	// The delta itself holds what is new in the object.
	if err := p.Member("delta", z); err != nil {
		return 0, err
	}
	end = o.data + in.n
	content, kind, err := p.resolve(o, 0)
	if err != nil {
		return end, err
	}
	p.kinds[o.at] = kind
	name := sha1.Sum(append([]byte(objectKinds[kind]+" "+strconv.Itoa(len(content))+"\x00"), content...)) //nolint:gosec // git's own
	p.names[name] = o.at
	if err := p.Member(objectKinds[kind], bytes.NewReader(content)); err != nil {
		return 0, err
	}
	return end, nil
}

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
		op, _ := in.ReadByte() //nolint:errcheck // there is one
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
			in.Seek(int64(op), io.SeekCurrent) //nolint:errcheck // it is within
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
		b, _ := in.ReadByte() //nolint:errcheck // zero for a byte that is missing
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

// counter counts what is read, byte by byte: zlib reads nothing beyond its end
// of such a reader.
type counter struct {
	r *bufio.Reader
	n int64
}

// Read reads on.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// ReadByte reads on.
func (c *counter) ReadByte() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}

package format

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"crypto/sha1" //nolint:gosec // git names objects by it
	"encoding/binary"
	"io"
	"strconv"

	"github.com/org/dt-frontend/internal/untrusted/member"
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

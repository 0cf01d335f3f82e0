package format

import (
	"bytes"
	"slices"

	"github.com/org/dt-frontend/internal/untrusted/member"
)

// All returns the formats that are read, and behind them those that are only
// recognised. The last of those that are read has no magic: it is tried after
// all others.
func All() []member.Format {
	out := []member.Format{
		{Name: "zstd", Is: isZstd, Open: openZstd},
		{Name: "xz", Is: isXz, Open: openXz},
		{Name: "ar", Is: isAr, Members: walkAr},
		{Name: "cpio", Is: isCpio, Members: walkCpio},
		{Name: "git pack", Is: isPack, Members: walkPack},
	}
	for _, n := range named {
		out = append(out, member.Format{Name: n.name, Is: n.is})
	}
	return append(out, member.Format{Name: "deflate", Is: isDeflate, Open: openDeflate})
}

// Is reports whether a file that begins with head may be of one of the formats.
func Is(head []byte) bool {
	return slices.ContainsFunc(All(), func(f member.Format) bool { return f.Is(head) })
}

// named are the formats that are not looked into.
var named = []struct {
	name string
	is   func(head []byte) bool
}{
	{"lz4", begins("\x04\x22\x4d\x18", "\x02\x21\x4c\x18")},
	{"7z", begins("7z\xbc\xaf\x27\x1c")},
	{"rar", begins("Rar!\x1a\x07")},
	{"rpm", begins("\xed\xab\xee\xdb")},
	{"squashfs", begins("hsqs", "sqsh")},
	{"lzip", begins("LZIP\x01")},
	{"lzma", isLzma},
	{"lzop", begins("\x89LZO\x00\r\n\x1a\n")},
	{"lrzip", begins("LRZI")},
	{"snappy", begins("\xff\x06\x00\x00sNaPpY")},
	{"compress", isCompress},
	{"cabinet", begins("MSCF\x00\x00\x00\x00")},
	{"xar", begins("xar!\x00\x1c")},
	{"old binary cpio", begins("\xc7\x71\x00", "\x71\xc7\x00")},
}

// begins recognises a format by how its files begin.
func begins(magics ...string) func([]byte) bool {
	return func(head []byte) bool {
		for _, m := range magics {
			if bytes.HasPrefix(head, []byte(m)) {
				return true
			}
		}
		return false
	}
}

// isLzma recognises files of the format before xz, which has no magic: the
// properties that its tools write, a dictionary of a power of two, and a size
// that is unknown or below 256 GB.
func isLzma(head []byte) bool {
	if len(head) < 13 || head[0] != 0x5d || head[1] != 0 || head[2] != 0 {
		return false
	}
	unknown := bytes.Equal(head[5:13], bytes.Repeat([]byte{0xff}, 8))
	return unknown || head[10] == 0 && head[11] == 0 && head[12] == 0
}

// isCompress recognises files of compress(1): the magic, and a number of bits
// that it writes.
func isCompress(head []byte) bool {
	return len(head) > 3 && head[0] == 0x1f && head[1] == 0x9d && head[2]&0x60 == 0 && head[2]&0x1f >= 9 && head[2]&0x1f <= 16
}

package cluster

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
)

// xz returns data as an .xz file that does not compress it: what is tried is
// who unpacks it.
func xz(data []byte) []byte {
	flags := []byte{0, 1} // each block ends with a CRC-32
	var b bytes.Buffer
	b.WriteString("\xfd7zXZ\x00")
	summed(&b, flags)

	packed := lzma2(data)
	start := b.Len()
	// One filter, LZMA2, with a dictionary of 64 KB.
	summed(&b, []byte{2, 0, 0x21, 1, 8, 0, 0, 0})
	b.Write(packed)
	unpadded := b.Len() - start + crc32.Size
	pad(&b, start)
	b.Write(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(data)))

	index := []byte{0, 1}
	index = binary.AppendUvarint(index, uint64(unpadded))
	index = binary.AppendUvarint(index, uint64(len(data)))
	for len(index)%4 != 0 {
		index = append(index, 0)
	}
	summed(&b, index)

	footer := binary.LittleEndian.AppendUint32(nil, uint32(len(index)/4)) // with its CRC, less one
	footer = append(footer, flags...)
	b.Write(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(footer)))
	b.Write(footer)
	b.WriteString("YZ")
	return b.Bytes()
}

// summed writes p and its CRC.
func summed(b *bytes.Buffer, p []byte) {
	b.Write(p)
	b.Write(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(p)))
}

// pad fills what was written since start up to four bytes.
func pad(b *bytes.Buffer, start int) {
	for (b.Len()-start)%4 != 0 {
		b.WriteByte(0)
	}
}

// lzma2 returns data in chunks that are not compressed.
func lzma2(data []byte) []byte {
	var out []byte
	kind := byte(1) // the first resets the dictionary
	for len(data) > 0 {
		n := min(len(data), 1<<16)
		out = append(out, kind)
		out = binary.BigEndian.AppendUint16(out, uint16(n-1))
		out = append(out, data[:n]...)
		data, kind = data[n:], 2
	}
	return append(out, 0)
}

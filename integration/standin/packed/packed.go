package packed

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"crypto/sha1" //nolint:gosec // git names objects by it
	"encoding/binary"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// must stops where writing to memory fails, which it does not.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// compressed writes content by way of a compressor.
func compressed(content string, open func(w io.Writer) (io.WriteCloser, error)) string {
	var b bytes.Buffer
	w, err := open(&b)
	must(err)
	_, err = io.WriteString(w, content)
	must(err)
	must(w.Close())
	return b.String()
}

// Gzip returns content in the format of gzip.
func Gzip(content string) string {
	return compressed(content, func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil })
}

// Zlib returns content in the format of zlib.
func Zlib(content string) string {
	return compressed(content, func(w io.Writer) (io.WriteCloser, error) { return zlib.NewWriter(w), nil })
}

// Deflate returns content compressed, with nothing around it.
func Deflate(content string) string {
	return compressed(content, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
}

// Zstd returns content in the format of zstd.
func Zstd(content string) string {
	return compressed(content, func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w) })
}

// Skippable returns a frame of zstd that decoders skip.
func Skippable(content string) string {
	head := binary.LittleEndian.AppendUint32(nil, 0x184D2A50)
	return string(binary.LittleEndian.AppendUint32(head, uint32(len(content)))) + content
}

// Xz returns content in the format of xz.
func Xz(content string) string {
	return compressed(content, func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) })
}

// Tar returns an archive of one file.
func Tar(name, content string) string {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	must(w.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Mode: 0o600}))
	_, err := io.WriteString(w, content)
	must(err)
	must(w.Close())
	return b.String()
}

// Zip returns an archive of one compressed file.
func Zip(name, content string) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create(name)
	must(err)
	_, err = io.WriteString(f, content)
	must(err)
	must(w.Close())
	return b.String()
}

// Deleted returns a zip in which a compressed file stands that its list does not
// name any more.
func Deleted(name, content string) string {
	both := Zip(name, content)
	first := both[:bytes.Index([]byte(both), []byte("PK\x01\x02"))]
	other := Zip("other", "nothing of interest")
	at := bytes.Index([]byte(other), []byte("PK\x01\x02"))
	// Offsets count from the front.
	list := []byte(other[at:])
	binary.LittleEndian.PutUint32(list[42:], uint32(len(first)))
	end := bytes.Index(list, []byte("PK\x05\x06"))
	binary.LittleEndian.PutUint32(list[end+16:], uint32(len(first)+at))
	return first + other[:at] + string(list)
}

// Ar returns an archive of ar, as a package of Debian is.
func Ar(name, content string) string {
	return "!<arch>\n" + arMember("debian-binary", "2.0\n") + arMember(name, content)
}

func arMember(name, content string) string {
	out := fmt.Sprintf("%-16s%-12d%-6d%-6d%-8s%-10d`\n", name, 0, 0, 0, "100644", len(content)) + content
	if len(content)%2 == 1 {
		out += "\n"
	}
	return out
}

// Cpio returns an archive of cpio in its newest form.
func Cpio(name, content string) string {
	return cpioMember(name, content) + cpioMember("TRAILER!!!", "")
}

func cpioMember(name, content string) string {
	pad := func(s string) string { return s + string(make([]byte, -len(s)&3)) }
	head := fmt.Sprintf("070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
		1, 0o100644, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name)+1, 0)
	return pad(head+name+"\x00") + pad(content)
}

// OldCpio returns an archive of cpio in the form of POSIX.
func OldCpio(name, content string) string {
	one := func(name, content string) string {
		return fmt.Sprintf("070707%06o%06o%06o%06o%06o%06o%06o%011o%06o%011o", 0, 1, 0o100644, 0, 0, 1, 0, 0, len(name)+1, len(content)) + name + "\x00" + content
	}
	return one(name, content) + one("TRAILER!!!", "")
}

// Pack returns a pack of git's objects: one as it is, and one as a delta that
// ends it. The text stands in neither of them whole.
func Pack(content string) string {
	half := len(content) / 2
	base := "# a file\nkey=" + content[:half]
	delta := binary.AppendUvarint(nil, uint64(len(base)))
	delta = binary.AppendUvarint(delta, uint64(len(base)+len(content)-half))
	// Copy all of the base, then insert the rest.
	delta = append(delta, 0x80|0x10, byte(len(base)), byte(len(content)-half))
	delta = append(delta, content[half:]...)
	out := []byte("PACK\x00\x00\x00\x02\x00\x00\x00\x02")
	at := len(out)
	out = append(out, packHeader(3, len(base))...)
	out = append(out, Zlib(base)...)
	back := len(out) - at
	out = append(out, packHeader(6, len(delta))...)
	out = append(out, packOffset(back)...)
	out = append(out, Zlib(string(delta))...)
	sum := sha1.Sum(out) //nolint:gosec // git's own
	return string(append(out, sum[:]...))
}

func packHeader(kind byte, size int) []byte {
	b := kind<<4 | byte(size&15)
	size >>= 4
	var out []byte
	for ; size > 0; size >>= 7 {
		out = append(out, b|0x80)
		b = byte(size & 0x7f)
	}
	return append(out, b)
}

func packOffset(back int) []byte {
	out := []byte{byte(back & 0x7f)}
	for back >>= 7; back > 0; back >>= 7 {
		back--
		out = append([]byte{byte(back&0x7f) | 0x80}, out...)
	}
	return out
}

// GzipWith returns content in the format of gzip, with a comment and an extra
// field.
func GzipWith(content, comment, extra string) string {
	return compressed(content, func(w io.Writer) (io.WriteCloser, error) {
		z := gzip.NewWriter(w)
		z.Comment, z.Extra = comment, []byte(extra)
		return z, nil
	})
}

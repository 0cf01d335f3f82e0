package search

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
)

// maxDepth is how deep archives are unpacked in archives.
const maxDepth = 4

// Unpack calls visit with a text, and with all that is packed in it: the members
// of tar and zip archives, their names and targets, and gzip streams anywhere.
func Unpack(name string, dt []byte, visit func(name string, dt []byte)) {
	unpack(name, dt, 0, visit)
}

func unpack(name string, dt []byte, depth int, visit func(name string, dt []byte)) {
	visit(name, dt)
	if depth == maxDepth {
		return
	}
	tr := tar.NewReader(bytes.NewReader(dt))
	for {
		hdr, err := tr.Next()
		if err != nil {
			break
		}
		content, err := io.ReadAll(tr)
		if err != nil {
			break
		}
		visit(name+"!header "+hdr.Name, []byte(hdr.Name+"\x00"+hdr.Linkname))
		if hdr.Typeflag == tar.TypeReg {
			unpack(name+"!"+hdr.Name, content, depth+1, visit)
		}
	}
	unpackZip(name, dt, depth, visit)
	for at := 0; ; {
		next := bytes.Index(dt[at:], []byte{0x1f, 0x8b, 0x08})
		if next < 0 {
			return
		}
		at += next
		plain, size := gunzip(dt[at:])
		if len(plain) > 0 {
			unpack(name+"!gzip", plain, depth+1, visit)
		}
		at += max(size, 1)
	}
}

// unpackZip does so with a zip archive; other texts are left alone.
func unpackZip(name string, dt []byte, depth int, visit func(name string, dt []byte)) {
	if !bytes.HasPrefix(dt, []byte("PK\x03\x04")) {
		return
	}
	zr, err := zip.NewReader(bytes.NewReader(dt), int64(len(dt)))
	if err != nil {
		return
	}
	for _, f := range zr.File {
		visit(name+"!header "+f.Name, []byte(f.Name))
		r, err := f.Open()
		if err != nil {
			continue
		}
		content, _ := io.ReadAll(r) // as far as it goes
		unpack(name+"!"+f.Name, content, depth+1, visit)
	}
}

// gunzip returns what is packed in the stream that dt begins with, as far as it
// goes, and where that ends.
func gunzip(dt []byte) (plain []byte, size int) {
	in := bytes.NewReader(dt)
	zr, err := gzip.NewReader(in)
	if err != nil {
		return nil, 0
	}
	// Others may follow, and any bytes.
	zr.Multistream(false)
	plain, err = io.ReadAll(zr)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return plain, 0
	}
	return plain, len(dt) - in.Len()
}

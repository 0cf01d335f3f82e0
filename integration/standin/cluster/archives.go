package cluster

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"io"
	"io/fs"
	"time"
)

// targz is the archive at the end of a script.
type targz struct {
	gz  io.WriteCloser
	tar *tar.Writer
	own func(path string) (uid, gid int)
}

func newTargz(w io.Writer, own func(string) (uid, gid int)) (*targz, error) {
	// Installers are made while a test waits.
	gz, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	return &targz{gz, tar.NewWriter(gz), own}, nil
}

func (a *targz) add(f file, mode fs.FileMode, modified time.Time, content io.Reader) error {
	h := &tar.Header{
		Name: f.path, Mode: int64(mode.Perm()), ModTime: modified, Linkname: f.target,
		Typeflag: tar.TypeReg, Size: f.body.size,
		Format: tar.FormatGNU, // busybox knows its long names
	}
	h.Uid, h.Gid = a.own(f.path)
	switch {
	case f.folder:
		h.Typeflag, h.Size, h.Name = tar.TypeDir, 0, f.path+"/"
	case f.target != "":
		h.Typeflag, h.Size = tar.TypeSymlink, 0
	case f.hardlink != "":
		h.Typeflag, h.Size, h.Linkname = tar.TypeLink, 0, f.hardlink
	case mode&fs.ModeCharDevice != 0:
		h.Typeflag, h.Devmajor, h.Devminor = tar.TypeChar, 1, 3
	case mode&fs.ModeNamedPipe != 0:
		h.Typeflag = tar.TypeFifo
	case mode&fs.ModeSetuid != 0:
		h.Mode |= 0o4000
	}
	if err := a.tar.WriteHeader(h); err != nil || content == nil {
		return err
	}
	_, err := io.Copy(a.tar, content)
	return err
}

func (a *targz) Close() error {
	if err := a.tar.Close(); err != nil {
		return err
	}
	return a.gz.Close()
}

// zipped is the archive of type paas.
type zipped struct {
	*zip.Writer
}

func (a zipped) add(f file, mode fs.FileMode, modified time.Time, content io.Reader) error {
	h := &zip.FileHeader{Name: f.path, Method: zip.Deflate, Modified: modified}
	h.SetMode(mode)
	switch {
	case f.folder:
		h.Name += "/"
		h.Method = zip.Store
		h.SetMode(mode | fs.ModeDir)
	case f.target != "":
		h.SetMode(mode | fs.ModeSymlink)
	case f.hardlink != "":
		// There are none in a zip.
		f.target = f.hardlink
		h.SetMode(mode | fs.ModeSymlink)
	}
	w, err := a.CreateHeader(h)
	if err != nil {
		return err
	}
	switch {
	case f.target != "":
		_, err = io.WriteString(w, f.target)
	case content != nil:
		_, err = io.Copy(w, content)
	}
	return err
}

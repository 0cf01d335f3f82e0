package oneagent

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"path"
	"text/template"
	"time"
)

//go:embed script.sh.tmpl
var scriptText string

var scriptTemplate = template.Must(template.New("script").Parse(scriptText))

// WriteScript writes the installer of type paas-sh, a script that unpacks
// itself. Without links it is one with skipMetadata.
func (a *Agent) WriteScript(w io.Writer, l *Links) error {
	files, err := a.files(l)
	if err != nil {
		return err
	}
	head, err := a.script()
	if err != nil {
		return err
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	// Installers are made while a test waits.
	gz, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	out := tar.NewWriter(gz)
	for _, f := range files {
		if err := addToTar(out, f); err != nil {
			return fmt.Errorf("packing %s: %w", f.path, err)
		}
	}
	// Newer scripts make it, too: what is current is a link.
	link := &tar.Header{Typeflag: tar.TypeSymlink, Name: "agent/bin/current", Linkname: a.Version, Mode: 0o777}
	if err := out.WriteHeader(link); err != nil {
		return err
	}
	if err := out.Close(); err != nil {
		return err
	}
	return gz.Close()
}

// WriteZip writes the installer of type paas.
func (a *Agent) WriteZip(w io.Writer, l *Links) error {
	files, err := a.files(l)
	if err != nil {
		return err
	}
	out := zip.NewWriter(w)
	out.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	for _, f := range files {
		if err := addToZip(out, f); err != nil {
			return fmt.Errorf("packing %s: %w", f.path, err)
		}
	}
	return out.Close()
}

// script is the head of the script; the archive follows its last line.
func (a *Agent) script() ([]byte, error) {
	data := struct {
		Version     string
		PayloadLine int
	}{Version: a.Version}
	var b bytes.Buffer
	// Twice: how many lines there are does not depend on the number in them.
	for range 2 {
		data.PayloadLine = bytes.Count(b.Bytes(), []byte("\n")) + 1
		b.Reset()
		if err := scriptTemplate.Execute(&b, data); err != nil {
			return nil, fmt.Errorf("making the script: %w", err)
		}
	}
	return b.Bytes(), nil
}

func addToTar(out *tar.Writer, f file) error {
	content, err := f.read()
	if err != nil {
		return err
	}
	h := &tar.Header{
		Typeflag: tar.TypeReg, Name: f.path, Mode: int64(f.mode), Size: int64(len(content)), ModTime: modified,
		Format: tar.FormatGNU, // busybox knows its long names
	}
	if err := out.WriteHeader(h); err != nil {
		return err
	}
	_, err = out.Write(content)
	return err
}

func addToZip(out *zip.Writer, f file) error {
	content, err := f.read()
	if err != nil {
		return err
	}
	h := &zip.FileHeader{Name: path.Clean(f.path), Method: zip.Deflate, Modified: modified}
	h.SetMode(f.mode)
	w, err := out.CreateHeader(h)
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	return err
}

// modified makes the same installer of the same agent and links.
var modified = time.Unix(1700000000, 0).UTC()

package cluster

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/md5" //nolint:gosec // what installers hold
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"text/template"
)

//go:embed tools.sh.tmpl
var toolsText string

var toolsTemplate = template.Must(template.New("tools").Parse(toolsText))

// end is the last line of an installer for many tools.
const end = "# the end\n"

// writeForTools writes an installer that needs many tools to be unpacked.
func (t *tree) writeForTools(w io.Writer) error {
	archive, err := t.archiveForTools()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	encoder := base64.NewEncoder(base64.StdEncoding, lines{&b})
	if _, err := encoder.Write(archive); err != nil {
		return err
	}
	if err := encoder.Close(); err != nil {
		return err
	}
	b.WriteByte('\n')
	head, err := t.scriptForTools(sha256.Sum256(b.Bytes()))
	if err != nil {
		return err
	}
	_, err = io.Copy(w, io.MultiReader(bytes.NewReader(head), &b, strings.NewReader(end)))
	return err
}

// scriptForTools is filled up with spaces to a length that it can name.
func (t *tree) scriptForTools(sum [sha256.Size]byte) ([]byte, error) {
	const length = 8 << 10
	var b bytes.Buffer
	err := toolsTemplate.Execute(&b, struct {
		Spec   Spec
		Skip   int
		SHA256 string
	}{t.spec, length, hex.EncodeToString(sum[:])})
	if err != nil {
		return nil, fmt.Errorf("making the script: %w", err)
	}
	if b.Len() >= length {
		return nil, fmt.Errorf("a script of %d bytes is longer than planned", b.Len())
	}
	b.WriteString(strings.Repeat(" ", length-1-b.Len()) + "\n")
	return b.Bytes(), nil
}

// archiveForTools is a zip with the tree as a tar packed by xz.
func (t *tree) archiveForTools() ([]byte, error) {
	var packed bytes.Buffer
	if err := t.pack(&targz{nopCloser{&packed}, tar.NewWriter(&packed), t.owner}); err != nil {
		return nil, err
	}
	agent := xz(packed.Bytes())
	sum := md5.Sum(agent) //nolint:gosec // see above
	var list bytes.Buffer
	z := gzip.NewWriter(&list)
	for _, f := range t.files {
		fmt.Fprintln(z, f.path)
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for _, f := range []struct {
		name    string
		content []byte
	}{
		{"agent.tar.xz", agent},
		{"agent.md5", []byte(hex.EncodeToString(sum[:]) + "  agent.tar.xz\n")},
		{"files.gz", list.Bytes()},
	} {
		w, err := archive.Create(f.name)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, err
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// nopCloser stands where a compressor does.
type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// lines breaks what is written after each Write: base64 comes in pieces.
type lines struct{ w io.Writer }

func (l lines) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := min(len(rest), 76)
		if _, err := fmt.Fprintf(l.w, "%s\n", rest[:n]); err != nil {
			return 0, err
		}
		rest = rest[n:]
	}
	return len(p), nil
}

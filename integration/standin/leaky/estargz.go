package leaky

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"

	"github.com/containerd/stargz-snapshotter/estargz"
	digest "github.com/opencontainers/go-digest"
)

// Index is the index of a layer in the form of eStargz, and what the manifest
// says of it.
type Index struct {
	estargz.JTOC
	// Named is the digest that the manifest names; "" means the right one.
	Named digest.Digest
	// Stale says that the manifest names the index as it was before a change.
	Stale bool
}

// EStargz writes all layers in the form of eStargz, as BuildKit does. Change may
// change the index of each layer; nil leaves it as it is.
func (i *Image) EStargz(change func(*Index)) *Image {
	if change == nil {
		change = func(*Index) {}
	}
	return i.each(func(p *platform) {
		for n := range p.layers {
			p.layers[n].index = change
		}
	})
}

// estargz returns a layer with its index behind it, both uncompressed, and the
// annotations of the manifest.
func (l layer) estargz(plain []byte) ([]byte, map[string]string, error) {
	var b bytes.Buffer
	w := estargz.NewWriter(&b)
	if err := w.AppendTarLossLess(bytes.NewReader(plain)); err != nil {
		return nil, nil, err
	}
	before, err := w.Close()
	if err != nil {
		return nil, nil, err
	}
	index := &Index{}
	if err := readIndex(&b, len(plain), &index.JTOC); err != nil {
		return nil, nil, err
	}
	l.index(index)
	toc, err := json.MarshalIndent(index.JTOC, "", "\t")
	if err != nil {
		return nil, nil, err
	}
	named := digest.FromBytes(toc)
	switch {
	case index.Stale:
		named = before
	case index.Named != "":
		named = index.Named
	}
	out := bytes.NewBuffer(bytes.Clone(plain))
	t := tar.NewWriter(out)
	if err := t.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: estargz.TOCTarName, Size: int64(len(toc))}); err != nil {
		return nil, nil, err
	}
	if _, err := t.Write(toc); err != nil {
		return nil, nil, err
	}
	if err := t.Close(); err != nil {
		return nil, nil, err
	}
	if named == NoIndex {
		return out.Bytes(), nil, nil
	}
	return out.Bytes(), map[string]string{estargz.TOCJSONDigestAnnotation: named.String()}, nil
}

// NoIndex is a manifest's word for an index that it does not name.
const NoIndex digest.Digest = "none"

// readIndex reads the index that stands behind size bytes of an archive.
func readIndex(r io.Reader, size int, index *estargz.JTOC) error {
	z, err := gzip.NewReader(r)
	if err != nil {
		return err
	}
	if _, err := io.CopyN(io.Discard, z, int64(size)); err != nil {
		return err
	}
	t := tar.NewReader(z)
	if _, err := t.Next(); err != nil {
		return err
	}
	return json.NewDecoder(t).Decode(index)
}

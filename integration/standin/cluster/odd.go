package cluster

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"path"
)

// boundary is a likely size of the buffer with which a scan reads.
const boundary = 64 << 10

// addOddLink hides a link where no documentation tells of one.
func (t *tree) addOddLink(p Place) {
	e := t.environment
	r := dice(e.name, t.spec.Version, string(t.spec.Arch), string(t.spec.Flavor), string(p))
	l := e.chooseLink(r, p == PlaceFileName || p == PlaceSymlink)
	content := "# " + word(r) + "\n" + word(r) + pick(r, []string{" ", "=", ": ", " = \""}) + l.text + "\n"
	f := file{body: text(content)}
	switch p {
	case PlaceDotfile:
		f.path = path.Join(pick(r, []string{"", "agent", "agent/conf"}), "."+word(r))
	case PlaceConfig:
		f.path = "agent/conf/" + word(r) + ".conf"
	case PlaceLog:
		f.path = path.Join("log", word(r), word(r)+".log")
	case PlaceDeep:
		f.path = t.bin(word(r), word(r), word(r), word(r), word(r)+".json")
	case PlaceBinary:
		f.path = t.bin(t.platforms()[0], "lib"+word(r)+".dat")
		// Some of the value stands before the boundary and some behind it.
		before := int64(boundary - 1 - r.IntN(len(l.text)-1))
		f.body = joined(noise(before, e.name, f.path), text(l.text), noise(1000, f.path, e.name))
		f.listed = t.on(t.platforms()[0])
	case PlaceFileName:
		f.path = path.Join("agent", word(r), word(r)+"-"+l.text+".tmp")
		f.body = text("")
	case PlaceSymlink:
		f.path, f.target = path.Join("agent", word(r)), word(r)+"-"+l.text
	case PlaceGzip, PlaceZip, PlaceTarGz, PlaceScript:
		f.path = t.bin(word(r), word(r)+"."+word(r))
		f.body = text(packed(p, word(r)+"/"+word(r), content))
	}
	t.add(f)
	t.links = append(t.links, Link{Path: f.path, Place: p, Encoding: l.encoding, Name: l.name})
}

// packed is content as a place has it. What is written to is memory, which never
// fails.
func packed(p Place, name, content string) string {
	var b bytes.Buffer
	switch p {
	case PlaceZip:
		w := zip.NewWriter(&b)
		f, _ := w.Create(name)
		_, _ = f.Write([]byte(content))
		_ = w.Close()
		return b.String()
	case PlaceTarGz, PlaceScript:
		w := tar.NewWriter(&b)
		_ = w.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Mode: 0o644})
		_, _ = w.Write([]byte(content))
		_ = w.Close()
		content = b.String()
		b.Reset()
	}
	if p == PlaceScript {
		b.WriteString("#!/bin/sh\nexit 0\n")
	}
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(content))
	_ = z.Close()
	return b.String()
}

package verify

import (
	"bytes"

	"github.com/org/dt-frontend/internal/verify/image"
)

// partsOf says what the documents of an image are.
var partsOf = map[image.Kind]Part{
	image.KindIndex:    PartIndex,
	image.KindManifest: PartManifest,
	image.KindConfig:   PartConfig,
}

// document looks at one of an image's own documents: every name and text in it,
// whatever it stands for.
func (a *audit) document(doc image.Document, platforms []string) error {
	a.report.Looked.Documents++
	a.report.Looked.Bytes += int64(len(doc.Text))
	leak := Leak{Platforms: platforms, Part: partsOf[doc.Kind], Digest: doc.Digest}
	w := &jsonWalk{audit: a, found: func(path, kind, form string) {
		l := leak
		l.Path, l.Kind, l.Form = path, kind, form
		a.leak(l)
	}}
	if ok, err := w.walk(bytes.NewReader(doc.Text), position{}); ok || err != nil {
		return err
	}
	if err := a.budget.Unpacked(len(doc.Text)); err != nil {
		return err
	}
	for _, f := range a.scanner.String(string(doc.Text)) {
		l := leak
		l.Kind, l.Form = f.Kind, f.Form
		a.leak(l)
	}
	return nil
}

package member

import (
	"bytes"
	"errors"
	"io"
)

// payload is how what is compressed begins behind a script, as in the vendor's
// own installers.
const payload = "\n\x1f\x8b\x08"

// script walks a self-extracting shell script: what follows it is in no form
// that its first bytes tell of.
func (w *walker) script() error {
	buf := make([]byte, bufferSize)
	for from := int64(0); from < w.size; from += int64(len(buf) - len(payload)) {
		n, err := w.r.ReadAt(buf, from)
		if at := bytes.Index(buf[:n], []byte(payload)); at >= 0 {
			from += int64(at) + 1
			return w.compressed(openGzip, io.NewSectionReader(w.r, from, w.size-from))
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

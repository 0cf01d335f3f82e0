package image

import "io"

// Progress is told how a long read goes. Reads follow one another.
type Progress interface {
	// Start begins a read of so many bytes.
	Start(what string, bytes int64)
	// Read tells of bytes that were read since.
	Read(bytes int)
}

type silent struct{}

// Start does nothing.
func (silent) Start(string, int64) {}

// Read does nothing.
func (silent) Read(int) {}

// progressReader is a reader that reports what it reads of the image where it
// lies.
type progressReader struct {
	io.Reader
	progress Progress
	// meter is nil where nothing bounds the reading.
	meter Meter
}

// Read reads on and tells.
func (t progressReader) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	t.progress.Read(n)
	if t.meter != nil {
		t.meter.Stored(n)
	}
	return n, err
}

package runc

import (
	"bytes"
	"io"
	"sync"
)

// Streams are where a container's output goes, each of them if not nil.
type Streams struct {
	Stdout, Stderr io.Writer
}

// output collects what a container writes, for readers who do not wait for its
// end, and passes it on.
type output struct {
	mu   sync.Mutex
	buf  bytes.Buffer
	next io.Writer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.buf.Write(p)
	if o.next != nil {
		return o.next.Write(p)
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

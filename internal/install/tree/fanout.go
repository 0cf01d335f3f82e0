package tree

import (
	"io"
	"sync"
)

// fanOut writes to several writers side by side. The slowest sets the pace, and
// not the sum of all.
type fanOut []io.Writer

// Write returns once every writer is done with b.
func (f fanOut) Write(b []byte) (int, error) {
	errs := make([]error, len(f))
	var wg sync.WaitGroup
	for i, w := range f[1:] {
		wg.Go(func() { _, errs[i+1] = w.Write(b) })
	}
	_, errs[0] = f[0].Write(b)
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

// onlyReader and onlyWriter hide every other method: io.CopyBuffer uses its
// buffer only where neither side has a way of its own.
type (
	onlyReader struct{ io.Reader }
	onlyWriter struct{ io.Writer }
)

package tree

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/org/dt-frontend/internal/agent/manifest"
)

// content reads a file once, for all checks. A further name of a file that was
// read is no entry of its own in the layer.
func (p *pass) content(ctx context.Context, name string, size int64, inLayer bool) error {
	f, err := p.root.Open(name)
	if err != nil {
		return fmt.Errorf("opening %s: %w", name, err)
	}
	defer f.Close()

	stream := p.search.Scanner.Stream()
	checks := fanOut{stream}
	var sum hash.Hash
	_, known := p.sums[name]
	if known {
		sum = manifest.NewHash()
		checks = append(checks, sum)
	}
	if inLayer {
		checks = append(checks, p.layer)
	}
	n, err := io.CopyBuffer(onlyWriter{checks}, onlyReader{io.LimitReader(f, size+1)}, p.buf)
	if err != nil || n != size {
		return errors.Join(fmt.Errorf("%s of the agent changed while it was read", name), err)
	}
	if known {
		if err := p.sums.Check(name, sum); err != nil {
			return err
		}
		delete(p.sums, name)
	}
	p.files++
	p.bytes += n
	return p.members(ctx, name, f, size, stream.Findings())
}

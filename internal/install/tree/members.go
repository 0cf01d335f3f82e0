package tree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/untrusted/foreign"
	"github.com/org/dt-frontend/internal/untrusted/member"
)

// maxUnpacked bounds what is in all archives of a tree: each may be small and
// hold much.
const maxUnpacked = 4 * foreign.MaxBytes

// errUnpacked says that a tree's archives hold more than that.
var errUnpacked = errors.New("with it, the agent's archives hold more than any agent's")

// members looks into a file that may be an archive. What was found in the file
// as it is is told too, unless it is found in a member, which says more.
func (p *pass) members(ctx context.Context, name string, f io.ReaderAt, size int64, outer []scan.Finding) error {
	var inner []scan.Finding
	err := member.Walk(ctx, f, size, func(entry string, content io.Reader) error {
		at := place{name, entry}
		p.find(at, p.scanner.String(entry), "in its name")
		stream := p.scanner.Stream()
		n, err := io.CopyBuffer(onlyWriter{stream}, onlyReader{content}, p.buf)
		p.find(at, stream.Findings(), "")
		inner = append(inner, stream.Findings()...)
		if p.unpacked += n; p.unpacked > maxUnpacked {
			return errUnpacked
		}
		return err
	})
	p.find(place{file: name}, slices.DeleteFunc(outer, func(f scan.Finding) bool { return slices.Contains(inner, f) }), "")
	var unseen *member.Error
	switch {
	case errors.As(err, &unseen):
		p.miss(name, unseen)
		return nil
	case errors.Is(err, errUnpacked):
		return p.unsearched(place{file: name}, err)
	case err != nil:
		return fmt.Errorf("looking into %s of the agent: %w", name, err)
	}
	return nil
}

// miss notes an archive of which not all was seen. The search goes on: a value
// that is found says more.
func (p *pass) miss(name string, err *member.Error) {
	if p.unseen == nil {
		p.unseen = p.unsearched(place{name, err.Member}, err)
	}
}

func (p *pass) unsearched(at place, err error) error {
	return fmt.Errorf("%s of the agent cannot be searched for what ties it to the environment: %w. No image was made. %s", p.shown(at), err, whatToDo)
}

package tree

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/scan/search"
	"github.com/org/dt-frontend/internal/untrusted/foreign"
	"github.com/org/dt-frontend/internal/untrusted/member"
)

// maxUnpacked bounds what is in all archives of a tree: each may be small and
// hold much.
const maxUnpacked = 4 * foreign.MaxBytes

// errUnpacked says that a tree's archives hold more than that.
var errUnpacked = errors.New("with it, the agent's archives hold more than any agent's")

// members looks into a file that may be an archive. Outer is what was found in the
// file as it is.
func (p *pass) members(ctx context.Context, name string, f io.ReaderAt, size int64, outer []scan.Finding) error {
	at := p.search.File(name)
	err := p.search.Members(ctx, at, f, size, outer)
	switch {
	case errors.Is(err, errUnpacked):
		return unsearched(at, err)
	case err != nil:
		return fmt.Errorf("looking into %s of the agent: %w", name, err)
	}
	return nil
}

// member reads a member of an archive, which is not looked into in turn.
func (p *pass) member(m search.Member) (*io.SectionReader, error) {
	stream := p.search.Scanner.Stream()
	n, err := io.CopyBuffer(onlyWriter{stream}, onlyReader{m.Content}, p.buf)
	p.search.Content(m.Location, stream.Findings())
	if p.unpacked += n; p.unpacked > maxUnpacked {
		return nil, errUnpacked
	}
	return nil, err
}

// miss notes an archive of which not all was seen. The search goes on: a value
// that is found says more.
func (p *pass) miss(archive search.Location, err *member.Error) error {
	if p.unseen == nil {
		p.unseen = unsearched(p.search.Member(archive, err.Member), err)
	}
	return nil
}

func unsearched(at search.Location, err error) error {
	return fmt.Errorf("%s of the agent cannot be searched for what ties it to the environment: %w. No image was made. %s", at, err, whatToDo)
}

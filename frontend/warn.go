package frontend

import (
	"context"
	"sync"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// syntaxLine returns the line that asks for this frontend, or nil.
func (b *build) syntaxLine() []parser.Range {
	return syntaxLine(b.src.Data, b.BuildOpts().Opts)
}

// warn sends a warning about the agent to the client, unless it has it.
func (b *build) warn(ctx context.Context, msg string) {
	if b.warned.first(msg) {
		b.src.Warn(ctx, "dynatrace: "+msg, warnOpts(b.syntaxLine(), nil, ""))
	}
}

// warnAt sends a warning about a line of the Dockerfile.
func (b *build) warnAt(ctx context.Context, line int, msg string) {
	b.src.Warn(ctx, "dynatrace: "+msg, warnOpts(wholeLine(line), nil, ""))
}

// once tells what has been seen. Platforms, which are built side by side, have
// the same to say.
type once struct{ seen sync.Map }

func (o *once) first(text string) bool {
	_, seen := o.seen.LoadOrStore(text, true)
	return !seen
}

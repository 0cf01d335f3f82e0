package frontend

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/containerd/platforms"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/internal/scan"
)

// syntaxLine returns the line that asks for this frontend, or nil.
func (b *build) syntaxLine() []parser.Range {
	return syntaxLine(b.src.Data, b.BuildOpts().Opts)
}

// warn sends a warning about the agent to the client, unless it has it.
func (b *build) warn(ctx context.Context, msg string) {
	if b.warned.first(msg) {
		b.src.Warn(ctx, "dynatrace: "+scan.Printable(msg), warnOpts(b.syntaxLine(), nil, ""))
	}
}

// warnAt sends a warning about a line of the Dockerfile.
func (b *build) warnAt(ctx context.Context, line int, msg string) {
	b.src.Warn(ctx, "dynatrace: "+msg, warnOpts(wholeLine(line), nil, ""))
}

// warnRule sends what a rule of ours found to the client, as BuildKit's own are
// sent, unless it has it.
func (b *build) warnRule(ctx context.Context) linter.LintWarnFunc {
	warn := b.convertOpt(ctx).Warn
	return func(rule, description, url, msg string, location []parser.Range) {
		if b.warned.first(fmt.Sprint(rule, msg, location)) {
			warn(rule, description, url, msg, location)
		}
	}
}

// warnFor notes a warning about the image for target, which stands for the %s in
// text. Platforms with the same to say share one warning; see tellPlatforms.
func (b *build) warnFor(ctx context.Context, target ocispecs.Platform, text string) {
	if len(b.targets()) == 1 {
		b.warn(ctx, strings.Replace(text, "%s", platforms.Format(target), 1))
		return
	}
	b.noted.add(text, platforms.Format(target))
}

// tellPlatforms sends the warnings that were noted, when all platforms have had
// their say.
func (b *build) tellPlatforms(ctx context.Context) {
	b.noted.mu.Lock()
	defer b.noted.mu.Unlock()
	for _, text := range slices.Sorted(maps.Keys(b.noted.who)) {
		// Two images may be made of files for the same platform.
		who := slices.Compact(slices.Sorted(slices.Values(b.noted.who[text])))
		b.warn(ctx, strings.Replace(text, "%s", strings.Join(who, " and "), 1))
	}
}

// notes are texts and who says each.
type notes struct {
	mu  sync.Mutex
	who map[string][]string
}

func (n *notes) add(text, who string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.who == nil {
		n.who = map[string][]string{}
	}
	n.who[text] = append(n.who[text], who)
}

// once tells what has been seen. Platforms, which are built side by side, have
// the same to say.
type once struct{ seen sync.Map }

func (o *once) first(text string) bool {
	_, seen := o.seen.LoadOrStore(text, true)
	return !seen
}

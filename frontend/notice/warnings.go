package notice

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
	"github.com/moby/buildkit/frontend/dockerui"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/internal/scan"
)

// Warnings go to the client of one build, each once.
type Warnings struct {
	src *dockerui.Source
	// Syntax is the line that asks for this frontend, or nil.
	Syntax []parser.Range
	// several says that the build is for several platforms.
	several bool
	// seen are the warnings that the client has. Platforms, which are built in
	// parallel, have the same to say.
	seen sync.Map
	mu   sync.Mutex
	// noted are warnings about the image for a platform, and these platforms.
	noted map[string][]string
}

// NewWarnings returns the warnings of a build of src for a number of platforms.
// Opts are those of the client.
func NewWarnings(src *dockerui.Source, opts map[string]string, targets int) *Warnings {
	return &Warnings{src: src, Syntax: syntaxLine(src.Data, opts), several: targets > 1, noted: map[string][]string{}}
}

// Send sends a warning about the agent to the client, unless it has it.
func (w *Warnings) Send(ctx context.Context, msg string) {
	if w.first(msg) {
		w.src.Warn(ctx, "dynatrace: "+scan.Printable(msg), warnOpts(w.Syntax, nil, ""))
	}
}

// SendAt sends a warning about a line of the Dockerfile, counted from 1.
func (w *Warnings) SendAt(ctx context.Context, line int, msg string) {
	w.src.Warn(ctx, "dynatrace: "+msg, warnOpts(WholeLine(line), nil, ""))
}

// Rule sends what a rule of ours found to the client, as BuildKit's own are
// sent, unless it has it.
func (w *Warnings) Rule(ctx context.Context) linter.LintWarnFunc {
	warn := w.Lint(ctx)
	return func(rule, description, url, msg string, location []parser.Range) {
		if w.first(fmt.Sprint(rule, msg, location)) {
			warn(rule, description, url, msg, location)
		}
	}
}

// Lint sends what a rule found to the client.
func (w *Warnings) Lint(ctx context.Context) linter.LintWarnFunc {
	return func(rule, description, url, msg string, location []parser.Range) {
		line := 0
		if len(location) > 0 {
			line = location[0].Start.Line
		}
		w.src.Warn(ctx, linter.LintFormatShort(rule, msg, line), warnOpts(location, [][]byte{[]byte(description)}, url))
	}
}

// SendFor notes a warning about the image for target, which stands for the %s in
// text. Platforms with the same to say share one warning; see flush.
func (w *Warnings) SendFor(ctx context.Context, target ocispecs.Platform, text string) {
	if !w.several {
		w.Send(ctx, strings.Replace(text, "%s", platforms.Format(target), 1))
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.noted[text] = append(w.noted[text], platforms.Format(target))
}

// Flush sends the warnings that were noted, when all platforms have had their
// say.
func (w *Warnings) Flush(ctx context.Context) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, text := range slices.Sorted(maps.Keys(w.noted)) {
		// Two images may be made of files for the same platform.
		who := slices.Compact(slices.Sorted(slices.Values(w.noted[text])))
		w.Send(ctx, strings.Replace(text, "%s", strings.Join(who, " and "), 1))
	}
}

// first reports whether a text is seen for the first time.
func (w *Warnings) first(text string) bool {
	_, seen := w.seen.LoadOrStore(text, true)
	return !seen
}

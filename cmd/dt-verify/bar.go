package main

import (
	"io"
	"os"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
	"golang.org/x/term"
)

// bar shows how long reads go on, on a terminal only.
type bar struct {
	writer  progress.Writer // nil for none
	tracker *progress.Tracker
}

// isTerminal reports whether people look at what is written to w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func newBar(w io.Writer) *bar {
	if !isTerminal(w) {
		return &bar{}
	}
	p := progress.NewWriter()
	p.SetOutputWriter(w)
	p.SetUpdateFrequency(100 * time.Millisecond)
	p.SetTrackerPosition(progress.PositionRight)
	p.Style().Visibility.ETA = true
	go p.Render()
	return &bar{writer: p}
}

// Start shows another read in place of the one before.
func (b *bar) Start(what string, bytes int64) {
	if b.writer == nil {
		return
	}
	b.finish()
	b.tracker = &progress.Tracker{Message: what, Total: bytes, Units: progress.UnitsBytes, RemoveOnCompletion: true}
	b.writer.AppendTracker(b.tracker)
}

// Read moves the bar.
func (b *bar) Read(bytes int) {
	if b.tracker != nil {
		b.tracker.Increment(int64(bytes))
	}
}

func (b *bar) finish() {
	if b.tracker != nil {
		b.tracker.MarkAsDone()
	}
}

// stop clears the bar away.
func (b *bar) stop() {
	if b.writer == nil {
		return
	}
	b.finish()
	b.writer.Stop()
	for b.writer.IsRenderInProgress() {
		time.Sleep(time.Millisecond)
	}
}

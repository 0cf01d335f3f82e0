package report

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/org/dt-frontend/internal/verify"
)

// maxUnseen bounds how many archives that were not looked into people are shown.
const maxUnseen = 10

// paint colors a text, or leaves it as it is.
type paint func(c text.Color, s string) string

func painter(color bool) paint {
	if !color {
		return func(_ text.Color, s string) string { return s }
	}
	// The library would ask the environment again, and has another answer for
	// NO_COLOR=0.
	text.EnableColors()
	return func(c text.Color, s string) string { return c.Sprint(s) }
}

// Table writes r for people, in color or not.
func Table(w io.Writer, r *verify.Report, color bool) error {
	p := painter(color)
	out := &errWriter{w: w}
	out.line(strings.TrimSpace(p(text.Bold, r.Image) + " " + r.Digest.String()))
	out.line("")
	out.line(platformTable(r, p))
	for _, pl := range r.Platforms {
		out.remarks(pl, p)
	}
	out.line("")
	if len(r.Leaks) > 0 {
		out.line(leakTable(r, p))
		if r.Omitted > 0 {
			out.line(fmt.Sprintf("… and %d more", r.Omitted))
		}
		out.line("")
	}
	out.unseen(r.Unseen)
	out.line(looked(r.Looked))
	out.line(conclusion(r, p))
	return out.err
}

// newTable is as plain as the output of docker's own commands.
func newTable(header ...any) table.Writer {
	t := table.NewWriter()
	style := table.StyleLight
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft = ""
	style.Box.PaddingRight = "   "
	t.SetStyle(style)
	t.AppendHeader(header)
	t.SuppressTrailingSpaces()
	t.SuppressEmptyColumns()
	return t
}

func platformTable(r *verify.Report, p paint) string {
	t := newTable("platform", "instrumented", "by", "mode", "version", "flavor", "technologies", "config", "started by", "LD_PRELOAD")
	for _, pl := range r.Platforms {
		name := pl.Platform
		if pl.Tag != "" {
			name = strings.TrimSpace(name + " " + pl.Tag)
		}
		yes := p(text.FgGreen, "yes")
		if !pl.Instrumented {
			yes = p(text.FgYellow, "no")
		}
		t.AppendRow(table.Row{
			name, yes, pl.By, pl.Mode, pl.Version, pl.Flavor, strings.Join(pl.Technologies, ","), pl.Config, pl.Start, pl.Preload,
		})
	}
	return t.Render()
}

func leakTable(r *verify.Report, p paint) string {
	t := newTable("leak", "form", "platform", "part", "place")
	for _, l := range r.Leaks {
		t.AppendRow(table.Row{p(text.FgRed, l.Kind), l.Form, strings.Join(l.Platforms, ", "), part(l), locate(l)})
	}
	return t.Render()
}

func looked(l verify.Looked) string {
	const megabyte = 1e6
	return fmt.Sprintf("looked at %s, %s and %s of %.1f MB",
		count(l.Documents, "document"), count(l.Layers, "layer"), count(l.Files, "file"), float64(l.Bytes)/megabyte)
}

// conclusion is what a reader in a hurry needs.
func conclusion(r *verify.Report, p paint) string {
	switch r.Verdict {
	case verify.Leaking:
		return p(text.FgRed, count(len(r.Leaks)+r.Omitted, "leak")+" found") +
			": revoke what leaked, then build the image again. Deleting it in a later layer does not remove it."
	case verify.OtherAgent:
		return p(text.FgRed, "another agent layer") + " than the one that was asked for"
	case verify.Diverting:
		return p(text.FgRed, "it decides where tokens go") + " that whoever starts a container of it gives: remove those variables"
	case verify.NotInstrumented:
		return p(text.FgYellow, "no leak found, but it is not instrumented")
	}
	return p(text.FgGreen, "instrumented, no leak found")
}

// errWriter writes lines until one fails.
type errWriter struct {
	w   io.Writer
	err error
}

func (e *errWriter) line(s string) {
	if e.err != nil {
		return
	}
	if _, err := fmt.Fprintln(e.w, s); err != nil {
		e.err = errors.Join(errors.New("writing the report"), err)
	}
}

// remarks are what a table has no room for.
func (e *errWriter) remarks(pl verify.Platform, p paint) {
	var all []string
	if pl.Reason != "" {
		all = append(all, "not instrumented: "+pl.Reason)
	}
	if pl.Wrong != "" {
		all = append(all, p(text.FgRed, "other agent layer: ")+pl.Wrong)
	}
	for _, d := range pl.Diverts {
		all = append(all, p(text.FgRed, "diverts tokens: ")+d)
	}
	if pl.AgentLayer != nil && pl.AgentLayer.DiffID != "" {
		all = append(all, fmt.Sprintf("agent layer: %s (layer %d)", cmp.Or(pl.AgentLayer.Content, pl.AgentLayer.DiffID), pl.AgentLayer.Index))
	}
	for _, line := range append(all, pl.Notes...) {
		e.line(strings.TrimPrefix(pl.Platform+": "+line, ": "))
	}
}

func (e *errWriter) unseen(all []verify.Unseen) {
	if len(all) == 0 {
		return
	}
	e.line(count(len(all), "archive") + " could not be looked into:")
	for i, u := range all {
		if i == maxUnseen {
			e.line("  …; --format json names all")
			break
		}
		e.line(fmt.Sprintf("  layer %d /%s: %s", u.Layer.Index, u.Path, u.Reason))
	}
	e.line("")
}

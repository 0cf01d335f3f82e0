package notice

import (
	"context"
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/stretchr/testify/require"
)

// sent is a warning that a client got.
type sent struct {
	text string
	opts client.WarnOpts
}

// warningsOf returns the warnings of a build for a number of platforms, and what
// the client got of them.
func warningsOf(targets int) (*Warnings, *[]sent) {
	got := &[]sent{}
	src := &dockerui.Source{
		SourceMap: llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", []byte("# escape=\\\n# syntax=org/dt-frontend\nFROM scratch\n")),
		Warn: func(_ context.Context, text string, opts client.WarnOpts) {
			*got = append(*got, sent{text, opts})
		},
	}
	return NewWarnings(src, map[string]string{"source": "org/dt-frontend"}, targets), got
}

// texts returns the words of warnings.
func texts(all []sent) []string {
	var out []string
	for _, s := range all {
		out = append(out, s.text)
	}
	return out
}

func TestSend_SendsEachTextOnceAtTheSyntaxLine(t *testing.T) {
	w, got := warningsOf(1)
	w.Send(t.Context(), "first\nsecond")
	w.Send(t.Context(), "first\nsecond")
	w.Send(t.Context(), "another")
	require.Equal(t, []string{"dynatrace: first�second", "dynatrace: another"}, texts(*got))
	opts := (*got)[0].opts
	require.Equal(t, 1, opts.Level)
	require.Len(t, opts.Range, 1)
	require.EqualValues(t, 2, opts.Range[0].Start.Line)
}

func TestSendAt_MarksItsLine(t *testing.T) {
	w, got := warningsOf(1)
	w.SendAt(t.Context(), 3, "about the base")
	require.Equal(t, []string{"dynatrace: about the base"}, texts(*got))
	require.EqualValues(t, 3, (*got)[0].opts.Range[0].Start.Line)
	require.EqualValues(t, 3, (*got)[0].opts.Range[0].End.Line)
}

func TestRule_SendsWhatItFoundOnceForEachLine(t *testing.T) {
	w, got := warningsOf(1)
	rule := w.Rule(t.Context())
	for _, line := range []int{2, 2, 3} {
		rule("Name", "what it wants", "https://example.invalid", "found", WholeLine(line))
	}
	rule("Name", "what it wants", "", "elsewhere", nil)
	require.Equal(t, []string{"Name: found (line 2)", "Name: found (line 3)", "Name: elsewhere"}, texts(*got))
	opts := (*got)[0].opts
	require.Equal(t, [][]byte{[]byte("what it wants")}, opts.Detail)
	require.Equal(t, "https://example.invalid", opts.URL)
	require.EqualValues(t, 2, opts.Range[0].Start.Line)

	// BuildKit's own rules decide themselves how often they warn.
	for range 2 {
		w.Lint(t.Context())("Name", "", "", "found", WholeLine(2))
	}
	require.Len(t, *got, 5)
}

func TestSendFor_NamesThePlatformAtOnceIfThereIsOne(t *testing.T) {
	w, got := warningsOf(1)
	w.SendFor(t.Context(), ocispecs.Platform{OS: "linux", Architecture: "arm64"}, "%s has 100%s")
	require.Equal(t, []string{"dynatrace: linux/arm64 has 100%s"}, texts(*got))
	w.Flush(t.Context())
	require.Len(t, *got, 1)
}

func TestSendFor_SharesAWarningBetweenPlatforms(t *testing.T) {
	w, got := warningsOf(2)
	amd, arm := ocispecs.Platform{OS: "linux", Architecture: "amd64"}, ocispecs.Platform{OS: "linux", Architecture: "arm64"}
	for _, p := range []ocispecs.Platform{arm, amd, arm} {
		w.SendFor(t.Context(), p, "%s lacks a shell")
	}
	w.SendFor(t.Context(), arm, "%s is old")
	require.Empty(t, *got, "the other platform may have the same to say")
	w.Flush(t.Context())
	require.Equal(t, []string{"dynatrace: linux/arm64 is old", "dynatrace: linux/amd64 and linux/arm64 lacks a shell"}, texts(*got))
}

func TestNewWarnings_KnowsTheSyntaxLineByTheFrontend(t *testing.T) {
	w, _ := warningsOf(1)
	require.Equal(t, 2, w.Syntax[0].Start.Line)
	other := NewWarnings(w.src, map[string]string{"source": "another"}, 1)
	require.Nil(t, other.Syntax)
}

func TestPbRanges_KeepsBothEnds(t *testing.T) {
	got := pbRanges([]parser.Range{{Start: parser.Position{Line: 1, Character: 2}, End: parser.Position{Line: 3, Character: 4}}})
	require.Len(t, got, 1)
	require.Equal(t, []int32{1, 2, 3, 4}, []int32{got[0].Start.Line, got[0].Start.Character, got[0].End.Line, got[0].End.Character})
}

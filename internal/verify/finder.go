package verify

import (
	"slices"

	"github.com/org/dt-frontend/internal/scan"
)

// finder finds values, and what has the form of a token in any form.
type finder struct {
	scanner *scan.Scanner
}

// String returns what is found in a short text.
func (f finder) String(text string) []scan.Finding {
	s := f.Stream()
	s.Write([]byte(text)) //nolint:errcheck // it never fails
	return s.Findings()
}

// Stream returns what looks through one text.
func (f finder) Stream() *stream {
	return &stream{f.scanner.Stream(), scan.NewTokens()}
}

// stream looks through one text.
type stream struct {
	values *scan.Stream
	tokens *scan.Tokens
}

// Write never fails.
func (s *stream) Write(p []byte) (int, error) {
	s.values.Write(p) //nolint:errcheck // it never fails
	return s.tokens.Write(p)
}

// Findings returns what was found, each kind and form once.
func (s *stream) Findings() []scan.Finding {
	out := s.values.Findings()
	for _, f := range s.tokens.Findings() {
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

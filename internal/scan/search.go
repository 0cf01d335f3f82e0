package scan

import (
	"bytes"
	"encoding/binary"
)

// search finds any of many patterns by the method of Wu and Manber (1994): a
// table says for each pair of bytes how far the window may move at least, so
// that most of the text is never looked at, and the number of patterns costs
// next to nothing.
type search struct {
	// window is the length of the shortest pattern.
	window int
	shift  [1 << 16]uint8
	// candidates are the patterns whose window ends with a pair.
	candidates [1 << 16][]candidate
	patterns   []pattern
}

// candidate is a pattern, by the four bytes that it begins with. To compare these
// first spares most looks at patterns.
type candidate struct {
	head    uint32
	pattern int
}

func newSearch(patterns []pattern) *search {
	s := &search{patterns: patterns}
	if len(patterns) == 0 {
		return s
	}
	s.window = len(patterns[0].data)
	for _, p := range patterns {
		s.window = min(s.window, len(p.data))
	}
	s.window = min(s.window, 255)
	for i := range s.shift {
		s.shift[i] = uint8(s.window - 1)
	}
	for n, p := range patterns {
		for end := 1; end < s.window; end++ {
			pair := pairAt(p.data, end)
			s.shift[pair] = min(s.shift[pair], uint8(s.window-1-end))
		}
		last := pairAt(p.data, s.window-1)
		s.candidates[last] = append(s.candidates[last], candidate{binary.LittleEndian.Uint32(p.data), n})
	}
	return s
}

// pairAt returns the two bytes that end at index end of b.
func pairAt(b []byte, end int) uint16 {
	return binary.BigEndian.Uint16(b[end-1:])
}

// find calls found with each pattern that text holds and the index where it does,
// once per place.
//
// It goes through the quarters of the text in turn: each look at the table waits
// for memory, and the others need not wait with it.
func (s *search) find(text []byte, found func(p *pattern, at int)) {
	if s.window == 0 {
		return
	}
	quarter := len(text) / 4
	first := s.window - 1
	a, b, c, d := first, first+quarter, first+2*quarter, first+3*quarter
	endA, endB, endC, endD := b, c, d, len(text)
	for a < endA && b < endB && c < endC && d < endD {
		moveA, moveB, moveC, moveD := s.shift[pairAt(text, a)], s.shift[pairAt(text, b)], s.shift[pairAt(text, c)], s.shift[pairAt(text, d)]
		if moveA == 0 || moveB == 0 || moveC == 0 || moveD == 0 {
			moveA, moveB = s.look(text, a, moveA, found), s.look(text, b, moveB, found)
			moveC, moveD = s.look(text, c, moveC, found), s.look(text, d, moveD, found)
		}
		a, b, c, d = a+int(moveA), b+int(moveB), c+int(moveC), d+int(moveD)
	}
	s.finish(text, a, min(endA, len(text)), found)
	s.finish(text, b, min(endB, len(text)), found)
	s.finish(text, c, min(endC, len(text)), found)
	s.finish(text, d, endD, found)
}

// finish goes on alone where a window ends from at to end.
func (s *search) finish(text []byte, at, end int, found func(p *pattern, at int)) {
	for at < end {
		at += int(s.look(text, at, s.shift[pairAt(text, at)], found))
	}
}

// look returns how far the window that ends at an index moves. If the table says
// that it may not, it may be a pattern's.
func (s *search) look(text []byte, end int, move uint8, found func(p *pattern, at int)) uint8 {
	if move > 0 {
		return move
	}
	s.compare(text, end, found)
	return 1
}

// compare looks for the patterns that a window may be of.
func (s *search) compare(text []byte, end int, found func(p *pattern, at int)) {
	at := end - s.window + 1
	from := text[at:]
	head := binary.LittleEndian.Uint32(from)
	for _, c := range s.candidates[pairAt(text, end)] {
		if c.head == head && bytes.HasPrefix(from, s.patterns[c.pattern].data) {
			found(&s.patterns[c.pattern], at)
		}
	}
}

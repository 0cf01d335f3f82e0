package scan

import "bytes"

// search finds any of many patterns by the method of Wu and Manber (1994): a
// table says for each pair of bytes how far the window may move at least, so
// that most of the text is never looked at, and the number of patterns costs
// next to nothing.
type search struct {
	// window is the length of the shortest pattern.
	window int
	shift  [1 << 16]uint8
	// candidates are the patterns whose window ends with a pair.
	candidates map[uint16][]int
	patterns   []pattern
}

func newSearch(patterns []pattern) *search {
	s := &search{patterns: patterns, candidates: map[uint16][]int{}}
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
		s.candidates[last] = append(s.candidates[last], n)
	}
	return s
}

// pairAt returns the two bytes that end at index end of b.
func pairAt(b []byte, end int) uint16 {
	return uint16(b[end-1])<<8 | uint16(b[end])
}

// find calls found with each pattern that text holds, once per place.
func (s *search) find(text []byte, found func(p pattern)) {
	if s.window == 0 {
		return
	}
	for end := s.window - 1; end < len(text); {
		pair := pairAt(text, end)
		if move := s.shift[pair]; move > 0 {
			end += int(move)
			continue
		}
		start := end - s.window + 1
		for _, n := range s.candidates[pair] {
			if bytes.HasPrefix(text[start:], s.patterns[n].data) {
				found(s.patterns[n])
			}
		}
		end++
	}
}

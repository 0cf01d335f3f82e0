package scan

import "slices"

// span is a part of a text that is to be hidden.
type span struct {
	from, to int
	what     string
	// known says that it is a value that was given, and not only the form of one.
	known bool
}

// group is spans that overlap.
type group struct {
	from, to int
	spans    []span
}

// groups joins spans that overlap. They are in order.
func groups(spans []span) []group {
	var out []group
	for _, s := range spans {
		if last := len(out) - 1; last >= 0 && s.from < out[last].to {
			out[last].to = max(out[last].to, s.to)
			out[last].spans = append(out[last].spans, s)
			continue
		}
		out = append(out, group{s.from, s.to, []span{s}})
	}
	return out
}

// names returns what a group hides, without what lies within another value. The
// form of a token counts only where no value is known.
func (g group) names() []string {
	var out []string
	end := 0
	for _, s := range g.spans {
		if s.known && s.to > end {
			end = s.to
			if !slices.Contains(out, s.what) {
				out = append(out, s.what)
			}
		}
	}
	if len(out) == 0 {
		return []string{g.spans[0].what}
	}
	return out
}

package option

import "unicode"

// withoutComment returns text up to the first word that begins with "#". People
// write a note behind the image of a syntax line, as in `# syntax=IMAGE # pinned
// by the platform team`. docker/dockerfile ignores everything behind the image,
// so such a line must not fail here.
func withoutComment(text string) string {
	before := ' '
	for i, r := range text {
		if r == '#' && (before == ';' || unicode.IsSpace(before)) {
			return text[:i]
		}
		before = r
	}
	return text
}

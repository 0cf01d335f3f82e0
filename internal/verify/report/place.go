package report

import (
	"fmt"
	"strings"

	digest "github.com/opencontainers/go-digest"
	"github.com/org/dt-frontend/internal/verify"
)

// shortLength is how much of a digest people are shown, in digits.
const shortLength = 12

// short returns the beginning of a digest.
func short(d digest.Digest) string {
	_, digits, ok := strings.Cut(d.String(), ":")
	if !ok {
		return ""
	}
	return digits[:min(shortLength, len(digits))]
}

// part says in which part of an image a leak is.
func part(l verify.Leak) string {
	name := string(l.Part)
	if l.Layer != nil {
		name = fmt.Sprintf("layer %d", l.Layer.Index)
	}
	return strings.TrimSpace(name + " " + short(l.Digest))
}

// locate says where in that part it is.
func locate(l verify.Leak) string {
	out := l.Location().String()
	if l.Layer != nil && l.Path != "" {
		out = "/" + out
	}
	if l.Where != "" {
		out += " (" + l.Where + ")"
	}
	return strings.TrimSpace(out)
}

// count returns a number and a noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

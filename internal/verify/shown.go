package verify

import "github.com/org/dt-frontend/internal/scan"

// text returns a text of the image for people, unless it holds a value.
func (a *audit) text(s string) string { return a.scanner.Word(s, scan.MaxShown) }

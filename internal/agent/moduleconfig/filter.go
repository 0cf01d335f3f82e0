package moduleconfig

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/links"
	"github.com/org/dt-frontend/internal/scan"
)

const (
	// maxSize bounds what an environment may add, in bytes.
	maxSize = links.MaxFile / 2
	// maxValue bounds one setting's value, in bytes. Injection rules have 20 KB.
	maxValue = maxSize / 2
)

// Omission is a property that is not merged.
type Omission struct {
	// Name is the property's for people, in quotation marks. It holds nothing that
	// the scanner finds.
	Name string
	// Why says what is wrong with the property.
	Why string
}

// Reasons of an [Omission].
const (
	whyFound   = "an image may not hold what names the environment"
	whyName    = "the name is not one that the agent's file can hold"
	whyControl = "the value has a control character"
	whySize    = "the value is too large"
)

// Filter returns those of an environment's properties that an image may hold,
// sorted: without what ties an agent to its cluster. It leaves out properties
// that hold something that the scanner finds, and those that would not be exactly
// one line of the agent's file: they could be a section or a setting of its own.
//
// No name and no error holds a value.
func Filter(properties []agent.Property, scanner *scan.Scanner) (kept []agent.Property, leftOut []Omission, err error) {
	size := 0
	at := map[[2]string]int{} // in kept, by section and key
	for _, p := range properties {
		p.Value = strings.Trim(p.Value, " ")
		text := line(p.Key, p.Value) + "\n"
		if isName(p.Section) && !slices.Contains(agent.ConfigSections, p.Section) || isLink(text) && !strings.Contains(p.Value, "\n") {
			continue
		}
		why := unwritable(p)
		if why == "" && len(scanner.String(text)) > 0 {
			why = whyFound
		}
		if why != "" {
			leftOut = append(leftOut, Omission{name(p, scanner), why})
			continue
		}
		if size += len(text); size > maxSize {
			return nil, nil, fmt.Errorf("it has more than %d bytes", maxSize)
		}
		// Of a key that is there twice the last one counts.
		id := [2]string{p.Section, p.Key}
		if i, ok := at[id]; ok {
			kept[i] = p
			continue
		}
		at[id] = len(kept)
		kept = append(kept, p)
	}
	slices.SortFunc(kept, func(a, b agent.Property) int {
		return cmp.Or(cmp.Compare(a.Section, b.Section), cmp.Compare(a.Key, b.Key))
	})
	slices.SortFunc(leftOut, func(a, b Omission) int {
		return cmp.Or(cmp.Compare(a.Why, b.Why), cmp.Compare(a.Name, b.Name))
	})
	leftOut = slices.Compact(leftOut)
	if len(kept) == 0 {
		return nil, leftOut, errors.New("it holds nothing that an image may have")
	}
	return kept, leftOut, nil
}

// unwritable says why a property is not a line of the file and nothing else, or
// "".
func unwritable(p agent.Property) string {
	switch {
	case !isName(p.Section) || !isName(p.Key):
		return whyName
	case strings.ContainsFunc(p.Value, endsLine):
		return whyControl
	case len(p.Value) > maxValue:
		return whySize
	}
	return ""
}

// isName reports whether a section or key is read as what it is, by this package
// and by what looks for links.
func isName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsPrint(r) || strings.ContainsRune(" []#;=\"'", r)
	})
}

// endsLine reports whether some program may take r for the end of a line, or of
// a text.
func endsLine(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) }

// isLink reports whether a line of the agent's file is one that is removed from
// every agent.
func isLink(text string) bool {
	return string(withoutLinks([]byte(text))) != text
}

// withoutLinks removes from the text of the agent's file what is removed from
// that of every agent.
func withoutLinks(text []byte) []byte {
	if f, ok := links.Match(File); ok {
		text, _ = f.Split(text)
	}
	return text
}

// maxName bounds a name in a message.
const maxName = 100

// name is what a property is called in messages, without what must be in none.
func name(p agent.Property, scanner *scan.Scanner) string {
	return fmt.Sprintf("%q", scanner.Word(p.Section, maxName)+"/"+scanner.Word(p.Key, maxName))
}

package option

import (
	"fmt"
	"strings"
)

// Setting is one thing that can be set, for people.
type Setting struct {
	Name string
	// Value is what it is set to, as one would write it; empty where nothing
	// is.
	Value string
	// Description says what it is and which values it takes.
	Description string
}

// Settings describes what can be set and what o has.
func (o *Options) Settings() []Setting {
	out := make([]Setting, len(keys))
	for i := range keys {
		k := &keys[i]
		out[i] = Setting{Name: k.name, Value: k.get(o), Description: k.about + ": " + strings.Join(k.choices(), ", ")}
	}
	return out
}

// choices are the values of a key.
func (k *key) choices() []string {
	out := k.wordNames()
	if k.text != "" {
		out = append(out, strings.ReplaceAll(k.text, "`", ""))
	}
	return out
}

// Table returns the options as a table in Markdown.
func Table() string {
	var b strings.Builder
	b.WriteString("| key | what it is | values, the default first |\n|---|---|---|\n")
	for i := range keys {
		k := &keys[i]
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", k.name, k.about, k.values())
	}
	return b.String()
}

// values lists those that need an explanation with it, and the others behind
// them.
func (k *key) values() string {
	var out, bare []string
	for _, w := range k.words {
		switch {
		case w.about != "":
			out = append(out, fmt.Sprintf("`%s`: %s", w.name, w.about))
		case k.list:
			bare = append(bare, w.name)
		default:
			out = append(out, "`"+w.name+"`")
		}
	}
	if len(bare) > 0 {
		out = append(out, "a list of `"+strings.Join(bare, " ")+"`")
	}
	if k.text != "" {
		out = append(out, k.text)
	}
	return strings.Join(out, "; ")
}

package option

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/moby/buildkit/util/suggest"
)

// Parse sets the keys that text names in o, and leaves all others. An error
// names the valid words and the nearest one; o is then as it was.
func Parse(text string, o *Options) error {
	next := *o
	seen := map[string]bool{}
	for pair := range strings.SplitSeq(text, ";") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		name = strings.TrimSpace(name)
		if !ok {
			return fmt.Errorf("%q is no option: expected key=value, separated by semicolons", pair)
		}
		k, err := find(name)
		if err != nil {
			return err
		}
		if seen[name] {
			return fmt.Errorf("%s is set twice", name)
		}
		seen[name] = true
		values, err := k.parse(value)
		if err != nil {
			return err
		}
		k.set(&next, values)
	}
	*o = next
	return nil
}

func find(name string) (*key, error) {
	var names []string
	for i := range keys {
		if keys[i].name == name {
			return &keys[i], nil
		}
		names = append(names, keys[i].name)
	}
	return nil, unknown("option", name, names)
}

// parse splits a value and checks its parts.
func (k *key) parse(value string) ([]string, error) {
	parts := []string{strings.TrimSpace(value)}
	if k.list {
		parts = strings.Split(value, ",")
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
	}
	for _, p := range parts {
		if p == "" {
			return nil, fmt.Errorf("%s has an empty value", k.name)
		}
		if k.check != nil {
			if err := k.check(p); err != nil {
				return nil, fmt.Errorf("%s: %w", k.name, err)
			}
		}
		if k.values != nil && !slices.Contains(k.values, p) {
			return nil, unknown("value for "+k.name, p, k.values)
		}
	}
	return parts, nil
}

// unknown says which words there are, and which is the nearest.
func unknown(what, word string, words []string) error {
	err := fmt.Sprintf("unknown %s %q: expected one of %s", what, word, strings.Join(words, ", "))
	if near, ok := suggest.Search(word, words, true); ok {
		err += fmt.Sprintf(" (did you mean %s?)", near)
	}
	return errors.New(err)
}

package option

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/moby/buildkit/util/suggest"
)

// Source is a place where options are set.
type Source struct {
	// Name is what an error calls it.
	Name string
	Text string
}

// SourceError is about what stands in one source.
type SourceError struct {
	Source Source
	err    error
}

// Error names the source and says what is wrong there.
func (e *SourceError) Error() string { return e.Source.Name + ": " + e.err.Error() }

// Unwrap returns what is wrong.
func (e *SourceError) Unwrap() error { return e.err }

// Origins are the sources that had the last word on a key.
type Origins map[string]Source

// Is reports whether the source of a name had the last word on one of keys.
func (o Origins) Is(name string, keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return o[key].Name == name })
}

// Merge returns what sources set, key by key, a later one over an earlier, and
// which it was. The keys that enforced names, separated by commas, are the first
// source's alone. An error is a [*SourceError].
func Merge(sources []Source, enforced string) (Options, Origins, error) {
	locked, err := lockedKeys(enforced)
	if err != nil {
		return Options{}, nil, &SourceError{sources[0], err}
	}
	o, from := Options{Enforced: slices.Sorted(maps.Keys(locked))}, Origins{}
	for i, src := range sources {
		set := map[string]bool{}
		if i == 0 {
			err = parse(src.Text, &o, nil, set)
		} else {
			err = parse(src.Text, &o, locked, set)
		}
		if err != nil {
			return Options{}, nil, &SourceError{src, err}
		}
		for name := range set {
			from[name] = src
		}
	}
	return o, from, agree(&o, sources, from)
}

// agree returns what is wrong with options that are each right, as an error of
// the source that had the last word.
func agree(o *Options, sources []Source, from Origins) error {
	why, keys := o.conflict()
	if why == "" {
		return nil
	}
	for _, src := range slices.Backward(sources) {
		for _, name := range keys {
			if from[name] == src {
				return &SourceError{src, errors.New(why)}
			}
		}
	}
	return errors.New(why)
}

func lockedKeys(enforced string) (map[string]bool, error) {
	locked := map[string]bool{}
	for name := range strings.SplitSeq(enforced, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if _, err := find(name); err != nil {
			return nil, fmt.Errorf("enforced keys: %w", err)
		}
		locked[name] = true
	}
	if locked[keyMode] {
		// A stage that is not among them has mode=off.
		locked[keyStages] = true
	}
	return locked, nil
}

// Parse sets the keys that text names in o, and leaves all others. A word that
// begins with "#" and all behind it is a comment. An error
// names the valid words and the nearest one; o is then as it was.
func Parse(text string, o *Options) error { return parse(text, o, nil, map[string]bool{}) }

// parse is Parse where some keys are not to be set. It notes in seen which are.
func parse(text string, o *Options, locked, seen map[string]bool) error {
	next := *o
	for pair := range strings.SplitSeq(withoutComment(text), ";") {
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
		switch {
		case seen[name]:
			return fmt.Errorf("%s is set twice", name)
		case locked[name]:
			return fmt.Errorf("%s is set by the frontend image, which does not let it be changed: remove it here, or ask whoever provides that image", name)
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
		if k.text == "" && !slices.Contains(k.wordNames(), p) {
			return nil, unknown("value for "+k.name, p, k.wordNames())
		}
		if len(parts) > 1 && slices.Contains(k.alone, p) {
			return nil, fmt.Errorf("%s=%s takes no other values beside it", k.name, p)
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

package start

import (
	"fmt"
	"strings"
)

// candidate is what is bound, with its source or why it has none.
type candidate struct {
	*bound
	source *Source
	err    error
}

// choose returns the source of the only candidate that has one. Of several
// nobody knows which is meant.
func choose(list []candidate, root, kind string) (*Source, error) {
	var (
		found   []*Source
		names   []string
		reasons incompleteError
	)
	for _, c := range list {
		if c.source != nil {
			found, names = append(found, c.source), append(names, fmt.Sprintf("%q", c.name))
			continue
		}
		reasons.join(c.err)
	}
	switch {
	case len(found) > 1:
		return nil, fmt.Errorf("%s has several %s with Dynatrace credentials, bind one: %s", root, kind, strings.Join(names, ", "))
	case len(found) == 1:
		return found[0], nil
	case reasons.text != "":
		return nil, &reasons
	}
	return nil, nil
}

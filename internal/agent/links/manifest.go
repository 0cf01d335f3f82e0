package links

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent/manifest"
)

// SplitManifest returns the text dt of a manifest.json without the members of
// the top object that are links, and the links. Members keep their order and
// their text.
func SplitManifest(dt []byte) ([]byte, []Link, error) {
	dec := json.NewDecoder(bytes.NewReader(dt))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return nil, nil, fmt.Errorf("the agent's %s is not a JSON object", manifest.File)
	}
	var (
		out   bytes.Buffer
		found []Link
	)
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, nil, fmt.Errorf("reading %s: %w", manifest.File, err)
		}
		key := tok.(string)
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, nil, fmt.Errorf("reading %s: %w", manifest.File, err)
		}
		if kind, ok := manifestKeys[strings.ToLower(key)]; ok {
			found = append(found, strs(kind, raw)...)
			continue
		}
		if out.Len() > 0 {
			out.WriteString(",")
		}
		name, err := json.Marshal(key)
		if err != nil {
			return nil, nil, fmt.Errorf("writing %s: %w", manifest.File, err)
		}
		fmt.Fprintf(&out, "\n  %s: %s", name, raw)
	}
	return append(append([]byte("{"), out.Bytes()...), "\n}\n"...), found, nil
}

// strs returns the links in a string, or in a list or an object of them.
func strs(kind Kind, raw json.RawMessage) []Link {
	// It is JSON. Of what Unmarshal does not take, such as a number that is too
	// large, it leaves out only that.
	var value any
	_ = json.Unmarshal(raw, &value)
	var out []Link
	var walk func(value any)
	walk = func(value any) {
		switch v := value.(type) {
		case string:
			out = append(out, read(kind, v)...)
		case []any:
			for _, one := range v {
				walk(one)
			}
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				walk(v[key])
			}
		}
	}
	walk(value)
	return out
}

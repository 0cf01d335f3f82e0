package links

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/org/dt-frontend/internal/manifest"
)

// SplitManifest returns the text dt of a manifest.json without the members of
// the top object that are links, and the links. Members keep their order and
// their text.
func SplitManifest(dt []byte) ([]byte, []Link, error) {
	dec := json.NewDecoder(bytes.NewReader(dt))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return nil, nil, fmt.Errorf("the agent's %s is no JSON object", manifest.File)
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

// strs returns the values of a string or a list of strings.
func strs(kind Kind, raw json.RawMessage) []Link {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []Link{{kind, one}}
	}
	var many []string
	if json.Unmarshal(raw, &many) != nil {
		return nil
	}
	var out []Link
	for _, v := range many {
		out = append(out, Link{kind, v})
	}
	return out
}

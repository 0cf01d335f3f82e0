package tree

import (
	"bytes"
	"crypto/md5" //nolint:gosec // the manifest's checksums are MD5
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/org/dt-frontend/internal/manifest"
)

// withChecksum returns the manifest's text raw with the checksum of a changed
// file. The old one would not only be wrong: it tells environments apart.
func withChecksum(m *manifest.Manifest, raw []byte, name string, content []byte) []byte {
	sum := md5.Sum(content) //nolint:gosec // the manifest's checksums are MD5
	for _, e := range m.Entries() {
		if e.MD5 != "" && path.Clean(e.Path) == name {
			raw = bytes.ReplaceAll(raw, []byte(`"`+e.MD5+`"`), []byte(`"`+hex.EncodeToString(sum[:])+`"`))
		}
	}
	return raw
}

// removeManifestLinks returns dt without the members of the top object that tie
// it to a cluster, and their values. Members keep their order and their text.
func removeManifestLinks(dt []byte) ([]byte, []link, error) {
	dec := json.NewDecoder(bytes.NewReader(dt))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return nil, nil, fmt.Errorf("the agent's %s is no JSON object", manifest.File)
	}
	var (
		out   bytes.Buffer
		links []link
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
			links = append(links, linksIn(kind, raw)...)
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
	return append(append([]byte("{"), out.Bytes()...), "\n}\n"...), links, nil
}

// linksIn returns the values of a string or a list of strings.
func linksIn(kind linkKind, raw json.RawMessage) []link {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []link{{kind, one}}
	}
	var many []string
	if json.Unmarshal(raw, &many) != nil {
		return nil
	}
	var out []link
	for _, v := range many {
		out = append(out, link{kind, v})
	}
	return out
}

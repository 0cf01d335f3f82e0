package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/org/dt-frontend/internal/manifest"
)

// linkKind says what a link is; it is what a finding names.
type linkKind string

const (
	linkTenant      linkKind = "environment id"
	linkTenantToken linkKind = "tenant token"
	linkEndpoint    linkKind = "communication endpoint"
	linkProxy       linkKind = "proxy"
	// linkSetting is what ties an agent to an environment without naming it,
	// such as a network zone. It is removed, but any image may hold the word.
	linkSetting linkKind = "environment setting"
)

// link is a value that ties an agent to a cluster.
type link struct {
	kind  linkKind
	value string
}

// manifestKeys are the members of manifest.json that are links.
var manifestKeys = map[string]linkKind{
	"tenantuuid":                      linkTenant,
	"tenanttoken":                     linkTenantToken,
	"communicationendpoints":          linkEndpoint,
	"formattedcommunicationendpoints": linkEndpoint,
}

// confKeys are the keys of the agent's configuration files that are links,
// whatever their section, in lower case.
var confKeys = map[string]linkKind{
	"tenant":        linkTenant,
	"tenanttoken":   linkTenantToken,
	"serveraddress": linkEndpoint,
	"server":        linkEndpoint,
	"proxy":         linkProxy,
	"noproxy":       linkSetting,
	"networkzone":   linkSetting,
	"hostgroup":     linkSetting,
}

// envKeys are the variables that dynatrace-env.sh exports.
var envKeys = map[string]linkKind{
	"dt_tenant":           linkTenant,
	"dt_tenanttoken":      linkTenantToken,
	"dt_connection_point": linkEndpoint,
	"dt_proxy":            linkProxy,
	"dt_network_zone":     linkSetting,
}

// linkedFiles are the files that hold links, and which lines of them. Lines are
// removed and files stay: dynatrace-agent64.sh sources the env file, which is a
// shell script. There a line is replaced by one that does nothing, since it may
// be all that a condition has.
//
// Source: the vendor's documentation, buildpacks and operator, as collected in
// docs/links.md.
var linkedFiles = []struct {
	path  string
	keys  map[string]linkKind
	shell bool
}{
	{path: "dynatrace-env.sh", keys: envKeys, shell: true},
	{path: "ruxitagent.conf", keys: both(confKeys, envKeys)},
	{path: "agent/conf/ruxitagentproc.conf", keys: confKeys},
	{path: "agent/conf/ruxitagent.conf", keys: confKeys},
	{path: "agent/conf/standalone.conf", keys: confKeys},
	{path: "agent/config/container.conf", keys: confKeys},
}

// removedPaths are what an agent writes when it is run or configured, and an
// installer has no business to leave.
// The certificates are of the environment's own servers, and name them.
var removedPaths = []string{
	"agent/config/declarative.cbor",
	"agent/customkeys/custom.pem",
	"agent/customkeys/custom_proxy.pem",
	"log",
}

// maxConf bounds a configuration file, in bytes.
const maxConf = 1 << 20

func both(a, b map[string]linkKind) map[string]linkKind {
	out := map[string]linkKind{}
	for _, m := range []map[string]linkKind{a, b} {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

// removeLinks removes every known link from the tree. It returns the links and
// the paths that it changed.
func removeLinks(root *os.Root, m *manifest.Manifest, raw []byte) ([]link, map[string]bool, error) {
	changed := map[string]bool{manifest.File: true}
	var links []link
	for _, f := range linkedFiles {
		dt, err := manifest.ReadFile(root, f.path, maxConf)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		remove := removeLines
		if f.shell {
			remove = removeStatements
		}
		clean, found := remove(dt, f.keys)
		if bytes.Equal(clean, dt) {
			continue
		}
		links = append(links, found...)
		changed[f.path] = true
		raw = withChecksum(m, raw, f.path, clean)
		if err := replaceFile(root, f.path, clean); err != nil {
			return nil, nil, err
		}
	}
	for _, p := range removedPaths {
		if err := root.RemoveAll(p); err != nil {
			return nil, nil, fmt.Errorf("removing %s: %w", p, err)
		}
	}
	clean, found, err := removeManifestLinks(raw)
	if err != nil {
		return nil, nil, err
	}
	if err := replaceFile(root, manifest.File, clean); err != nil {
		return nil, nil, err
	}
	return append(links, found...), changed, nil
}

// nothing is a line of a shell script that does nothing.
const nothing = ":\n"

// removeLines returns dt without the lines that set one of keys, and their
// values. A line is "key value" or "key=value"; all others are kept as they are,
// comments and sections among them.
func removeLines(dt []byte, keys map[string]linkKind) ([]byte, []link) {
	var (
		out   bytes.Buffer
		links []link
	)
	for line := range bytes.Lines(dt) {
		key, value := splitLine(string(line))
		if kind, ok := keys[strings.ToLower(key)]; ok {
			links = append(links, splitLink(kind, value)...)
			continue
		}
		out.Write(line)
	}
	return out.Bytes(), links
}

// removeStatements is removeLines for a shell script.
func removeStatements(dt []byte, keys map[string]linkKind) ([]byte, []link) {
	var (
		out   bytes.Buffer
		links []link
	)
	for s := range statements(dt) {
		if _, ok := keys[strings.ToLower(assignedKey(string(s)))]; ok {
			links = append(links, assigned(string(s), keys)...)
			out.WriteString(nothing)
			continue
		}
		out.Write(s)
	}
	return out.Bytes(), links
}

// byteOrderMark is what some editors begin a file with.
const byteOrderMark = "\ufeff"

// splitLine returns the key and value of a line, or nothing for a comment, a
// section or a blank line.
func splitLine(line string) (key, value string) {
	line = strings.TrimSpace(strings.TrimPrefix(line, byteOrderMark))
	if line == "" || line[0] == '#' || line[0] == ';' || line[0] == '[' {
		return "", ""
	}
	if rest, ok := strings.CutPrefix(line, "export"); ok && strings.TrimLeft(rest, " \t") != rest {
		line = strings.TrimSpace(rest)
	}
	i := strings.IndexAny(line, " \t=")
	if i < 0 {
		return line, ""
	}
	return line[:i], strings.Trim(line[i:], " \t=")
}

// splitLink returns the parts of a value: endpoints stand in a list, in braces
// or quotes.
func splitLink(kind linkKind, value string) []link {
	value = strings.Trim(value, `"'{}`)
	if value == "" {
		return nil
	}
	if kind != linkEndpoint {
		return []link{{kind, value}}
	}
	var out []link
	for part := range strings.SplitSeq(value, ";") {
		if part = strings.Trim(part, " \t\r\n\"'{}"); part != "" {
			out = append(out, link{kind, part})
		}
	}
	return out
}

// replaceFile writes a new file in place of name: the old one may have other
// names.
func replaceFile(root *os.Root, name string, dt []byte) error {
	if err := root.Remove(name); err != nil {
		return fmt.Errorf("replacing %s: %w", path.Base(name), err)
	}
	if err := root.WriteFile(name, dt, 0o644); err != nil {
		return fmt.Errorf("replacing %s: %w", path.Base(name), err)
	}
	return nil
}

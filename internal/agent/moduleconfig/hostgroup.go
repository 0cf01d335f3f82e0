package moduleconfig

import (
	"bytes"
	"fmt"

	"github.com/org/dt-frontend/internal/agent"
)

// hostGroup is the setting that names a host group, and general its section.
const (
	hostGroup = "hostGroup"
	general   = "general"
)

// SetHostGroup returns text, an agent's configuration without a host group, with
// one. All else stays as it is.
func SetHostGroup(text []byte, group string) ([]byte, error) {
	if why := unwritable(agent.Property{Section: general, Key: hostGroup, Value: group}); why != "" || group == "" {
		return nil, fmt.Errorf("invalid host-group %q: expected a name without control characters", group)
	}
	setting := line(hostGroup, group) + "\n"
	var out bytes.Buffer
	done := false
	for l := range bytes.Lines(text) {
		out.Write(l)
		name := bytes.TrimPrefix(bytes.Trim(l, blanks+"\n"), []byte("\ufeff"))
		if done || string(name) != "["+general+"]" {
			continue
		}
		endLine(&out)
		out.WriteString(setting)
		done = true
	}
	if !done {
		endLine(&out)
		out.WriteString("[" + general + "]\n" + setting)
	}
	return out.Bytes(), nil
}

// endLine ends the last line of a text, unless it has ended.
func endLine(out *bytes.Buffer) {
	if b := out.Bytes(); len(b) > 0 && b[len(b)-1] != '\n' {
		out.WriteByte('\n')
	}
}

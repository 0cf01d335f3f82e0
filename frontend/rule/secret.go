package rule

import (
	"path"
	"slices"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/org/dt-frontend/internal/agent"
)

// Mount is a step that is given one of the agent's secrets.
type Mount struct {
	ID       string
	Location []parser.Range
}

// line is where a mount stands, for telling mounts apart.
func (m Mount) line() int { return Origin{Location: m.Location}.Line() }

// Mounts returns those that the text of a Dockerfile tells, in all of its stages
// and behind ONBUILD. A secret that a variable names is not among them: see
// llb.SecretUses.
func Mounts(dockerfile []byte) []Mount {
	var out []Mount
	each(dockerfile, func(cmd instructions.Command) { out = append(out, mounts(cmd)...) })
	return out
}

// TriggerMounts returns the agent's secrets that an instruction behind ONBUILD
// mounts.
func TriggerMounts(expression string) []string {
	cmd, _ := triggered(expression).(instructions.Command)
	var out []string
	for _, m := range mounts(cmd) {
		out = append(out, m.ID)
	}
	return out
}

// MountOrigin returns where an image has an instruction behind ONBUILD from that
// mounts a secret.
func MountOrigin(dockerfile []byte, target, id string) Origin {
	return origin(dockerfile, target, true, func(cmd instructions.Command) match {
		if slices.ContainsFunc(mounts(cmd), func(m Mount) bool { return m.ID == id }) {
			return exactly
		}
		return never
	})
}

func mounts(cmd instructions.Command) []Mount {
	run, ok := cmd.(*instructions.RunCommand)
	// Mounts are parsed as they are expanded; a variable stays as it is.
	if !ok || run.Expand(func(word string) (string, error) { return word, nil }) != nil {
		return nil
	}
	var out []Mount
	for _, m := range instructions.GetMounts(run) {
		if id := secretID(m); slices.Contains(agent.Secrets, id) {
			out = append(out, Mount{id, run.Location()})
		}
	}
	return out
}

// secretID returns the id of the secret that m mounts, or "", as BuildKit finds
// it (frontend/dockerfile/dockerfile2llb/convert_secrets.go).
func secretID(m *instructions.Mount) string {
	switch {
	case m.Type != instructions.MountTypeSecret:
		return ""
	case m.Source != "":
		return m.Source
	case m.CacheID != "":
		return m.CacheID
	}
	return path.Base(m.Target)
}

// Together returns the mounts of two lists, each once.
func Together(a, b []Mount) []Mount {
	out := slices.Clone(a)
	for _, m := range b {
		if !slices.ContainsFunc(out, func(o Mount) bool { return o.ID == m.ID && o.line() == m.line() }) {
			out = append(out, m)
		}
	}
	return out
}

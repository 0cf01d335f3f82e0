package option

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// Pin is the digest that one agent has to have.
type Pin struct {
	// Arch and Flavor are empty for whichever is built.
	Arch   agent.Arch
	Flavor agent.Flavor
	// Digest has its algorithm in front.
	Digest string
}

// Pins are those of one kind.
type Pins []Pin

// For returns the digest that an agent has to have, or "" where none is given.
func (p Pins) For(arch agent.Arch, flavor agent.Flavor) string {
	for _, pin := range p {
		if pin.Arch == "" || pin.Arch == arch && pin.Flavor == flavor {
			return pin.Digest
		}
	}
	return ""
}

// String returns the pins as one writes them.
func (p Pins) String() string {
	out := make([]string, len(p))
	for i, pin := range p {
		out[i] = pin.Digest
		if pin.Arch != "" {
			out[i] = agent.Pin(pin.Arch, pin.Flavor, pin.Digest)
		}
	}
	return strings.Join(out, ",")
}

var digestForm = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// parsePin reads a digest, or one with the agent in front that it is for, as
// arm64/musl@sha256:….
func parsePin(text string) (Pin, error) {
	of, digest, named := strings.Cut(text, "@")
	if !named {
		of, digest = "", text
	}
	if !digestForm.MatchString(digest) {
		return Pin{}, fmt.Errorf("%q is no digest: expected sha256: and 64 hexadecimal digits, for one of several agents with its architecture and flavor in front, as arm64/musl@sha256:…", digest)
	}
	if !named {
		return Pin{Digest: digest}, nil
	}
	platform, name, _ := strings.Cut(of, "/")
	arch := agent.ArchOf(platform)
	if arch == "" {
		return Pin{}, unknown("architecture", platform, agent.Platforms())
	}
	f, ok := agent.ParseFlavor(name)
	if !ok {
		return Pin{}, unknown("flavor", name, agent.FlavorWords())
	}
	return Pin{Arch: arch, Flavor: f, Digest: digest}, nil
}

func checkPin(text string) error {
	_, err := parsePin(text)
	return err
}

// pins reads texts that have been checked.
func pins(texts []string) Pins {
	var out Pins
	for _, text := range texts {
		if p, err := parsePin(text); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// ambiguous says why pins cannot be told apart, or "".
func (p Pins) ambiguous(name string) string {
	seen := map[string]bool{}
	for _, pin := range p {
		of := string(pin.Arch) + "/" + string(pin.Flavor)
		switch {
		case pin.Arch == "" && len(p) > 1:
			return name + " has several digests: say which agent each is for, as arm64/musl@sha256:…"
		case seen[of]:
			return fmt.Sprintf("%s has two digests for %s/%s", name, pin.Arch.Platform(), pin.Flavor)
		}
		seen[of] = true
	}
	return ""
}

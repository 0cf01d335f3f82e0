package cluster

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// InstallerType is the form of an installer.
type InstallerType string

// The forms for containers.
const (
	TypePaaSScript InstallerType = "paas-sh" // a script that unpacks itself
	TypePaaS       InstallerType = "paas"    // a zip archive
)

// Spec says which installer is meant. The zero value is the script for the
// environment's target version on 64-bit x86 with glibc and all technologies.
type Spec struct {
	Version      string
	Arch         agent.Arch
	Flavor       agent.Flavor
	Type         InstallerType
	Bitness      string
	Include      []string
	SkipMetadata bool
	NetworkZone  string
}

// resolve replaces what is left open, and fails for what is not offered.
func (e *Environment) resolve(s Spec) (Spec, *apiError) {
	s, err := s.settle()
	if err != nil {
		return s, err
	}
	if s.Version == "" {
		s.Version = e.settings.target
	}
	if !slices.Contains(e.settings.versions[platform{s.Arch, s.Flavor}], s.Version) {
		return s, errorf(http.StatusNotFound, "Version %s is not available", s.Version)
	}
	return s, nil
}

// settle is resolve without the version.
func (s Spec) settle() (Spec, *apiError) {
	var c checker
	if s.Type == "" {
		s.Type = TypePaaSScript
	}
	if s.Type != TypePaaS && s.Type != TypePaaSScript {
		return s, errorf(http.StatusNotFound, "The stand-in has no installer of type %s", s.Type)
	}
	if s.Flavor == "" {
		s.Flavor = agent.FlavorDefault
	}
	if s.Arch == "" || s.Arch == "all" {
		s.Arch = agent.ArchX86
	}
	offered, ok := supported[platform{s.Arch, s.Flavor}]
	if !ok {
		c.add("QUERY", "arch", fmt.Sprintf("has no flavor %s", s.Flavor))
		return s, c.err()
	}
	if s.Bitness == "" {
		s.Bitness = "64"
	}
	if s.Bitness == "32" {
		// Container agents are 64-bit; the wrapper for 32-bit processes comes
		// with "all".
		c.add("QUERY", "bitness", "has no installer of its own")
	}
	s.Include = slices.Clone(s.Include)
	slices.Sort(s.Include)
	s.Include = slices.Compact(s.Include)
	if len(s.Include) == 0 || slices.Contains(s.Include, "all") {
		s.Include = offered
	}
	for _, name := range s.Include {
		if name != "process" && !slices.Contains(offered, name) {
			c.add("QUERY", "include", fmt.Sprintf("%s is not available for arch %s, flavor %s", name, s.Arch, s.Flavor))
		}
	}
	return s, c.err()
}

// key tells installers apart.
func (s Spec) key() string {
	return fmt.Sprintf("%s %s %s %s %s %s %t %s", s.Type, s.Version, s.Arch, s.Flavor, s.Bitness,
		strings.Join(s.Include, ","), s.SkipMetadata, s.NetworkZone)
}

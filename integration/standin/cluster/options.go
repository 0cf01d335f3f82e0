package cluster

import (
	"slices"

	"github.com/org/dt-frontend/internal/agent"
)

// DefaultVersions are what an environment offers where nothing else is said,
// oldest first. The first is old enough for its tree to hold the configuration
// files that later ones no longer have.
var DefaultVersions = []string{
	"1.273.172.20230920-141324",
	"1.305.152.20241113-104505",
	"1.327.51.20251205-162230",
}

// DefaultTarget is the version that environments call latest. As with a real
// one it is the environment's choice and not the newest.
const DefaultTarget = "1.305.152.20241113-104505"

// EnvironmentOption changes one thing about an environment.
type EnvironmentOption func(*settings)

type platform struct {
	arch   agent.Arch
	flavor agent.Flavor
}

type settings struct {
	versions     map[platform][]string
	target       string
	filler       int64
	zones        []string
	ignoreSkip   bool
	oddPlaces    []Place
	moduleConfig []Property
	noRanges     bool
	noProcess    bool
	noVersion    bool
	library32    bool
	smallFiles   int
	hostGroups   map[string][]Property
	agents       Agents // nil for this package's own
}

func defaultSettings() settings {
	s := settings{versions: map[platform][]string{}, hostGroups: map[string][]Property{}, target: DefaultTarget, moduleConfig: defaultModuleConfig}
	for p := range supported {
		s.versions[p] = DefaultVersions
	}
	return s
}

// WithVersions sets what is offered for an architecture and flavor; none makes
// it unavailable.
func WithVersions(arch agent.Arch, flavor agent.Flavor, versions ...string) EnvironmentOption {
	return func(s *settings) { s.versions[platform{arch, flavor}] = versions }
}

// WithTarget sets the version that the environment calls latest, and offers it
// for all architectures and flavors.
func WithTarget(version string) EnvironmentOption {
	return func(s *settings) {
		s.target = version
		for p, versions := range s.versions {
			if !slices.Contains(versions, version) {
				s.versions[p] = append(slices.Clone(versions), version)
			}
		}
	}
}

// WithFiller makes each installer larger by so many bytes that do not compress.
func WithFiller(bytes int64) EnvironmentOption {
	return func(s *settings) { s.filler = bytes }
}

// WithNetworkZones names the zones that the environment knows.
func WithNetworkZones(zones ...string) EnvironmentOption {
	return func(s *settings) { s.zones = zones }
}

// WithIgnoredSkipMetadata leaves links to the cluster in the documented files
// of the tree although skipMetadata was asked for.
func WithIgnoredSkipMetadata() EnvironmentOption {
	return func(s *settings) { s.ignoreSkip = true }
}

// WithOddPlaces hides one link to the cluster at each of these places of the
// tree, by default at all, whatever skipMetadata says. Which link, where and in
// which encoding depends on the server's seed; see [Installer.Links].
func WithOddPlaces(places ...Place) EnvironmentOption {
	if len(places) == 0 {
		places = Places
	}
	return func(s *settings) { s.oddPlaces = places }
}

// WithModuleConfig sets the environment's process-module configuration.
func WithModuleConfig(properties ...Property) EnvironmentOption {
	return func(s *settings) { s.moduleConfig = properties }
}

// WithoutProcess makes trees of which the manifest has no process group, as that
// of the vendor's npm packages: nothing in it is the primary library.
func WithoutProcess() EnvironmentOption {
	return func(s *settings) { s.noProcess = true }
}

// WithoutManifestVersion makes trees whose version stands in
// agent/installer.version alone, as in the vendor's npm packages.
func WithoutManifestVersion() EnvironmentOption {
	return func(s *settings) { s.noVersion = true }
}

// WithLibrary32 adds the library for 32-bit processes to trees for x86 also
// where bitness does not ask for it, as old versions had.
func WithLibrary32() EnvironmentOption {
	return func(s *settings) { s.library32 = true }
}

// WithSmallFiles adds so many small files to each tree. Real ones of 2025 have
// some 2,300 for one technology.
func WithSmallFiles(n int) EnvironmentOption {
	return func(s *settings) { s.smallFiles = n }
}

// WithHostGroup gives a host group settings of its own, which come before the
// environment's.
func WithHostGroup(name string, properties ...Property) EnvironmentOption {
	return func(s *settings) { s.hostGroups[name] = properties }
}

// WithoutRanges makes the environment send installers whole, whatever part of
// them is asked for.
func WithoutRanges() EnvironmentOption {
	return func(s *settings) { s.noRanges = true }
}

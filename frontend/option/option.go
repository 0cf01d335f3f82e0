package option

import (
	"slices"

	"github.com/org/dt-frontend/internal/agent"
)

// Mode says where the agent comes from when the container starts.
type Mode string

// The modes.
const (
	ModeBuild   Mode = agent.ModeBuild   // it is in the image
	ModeRuntime Mode = agent.ModeRuntime // the start helper installs it
	ModeOff     Mode = "off"             // there is none
)

// ImageTrust says what becomes of an image that decides where others send their
// tokens.
type ImageTrust string

// The ways; TrustWarn is the zero value.
const (
	TrustWarn   ImageTrust = ""       // the build warns, and the start helper sends nothing
	TrustRefuse ImageTrust = "refuse" // the build fails
	TrustAllow  ImageTrust = "allow"  // the start helper trusts the image
)

// IsEnforced reports whether the frontend image has fixed a key.
func (o *Options) IsEnforced(key string) bool { return slices.Contains(o.Enforced, key) }

// Options are a build's settings. The zero value has every default.
type Options struct {
	Mode Mode
	// Version is exact, or empty for the environment's target version.
	Version string
	// Agent is the image to take the agent from; empty for the cluster.
	Agent string
	// Checksums are the digests that the installers have to have.
	Checksums Pins
	// Layers are the digests that the agent layers have to have.
	Layers Pins
	// Archive takes the vendor's zip, so that nothing foreign is run.
	Archive bool
	Include agent.Technologies
	// IncludeAuto says that they are those that the app's image holds.
	IncludeAuto bool
	// Flavor is empty for the one that fits the app's root file system.
	Flavor agent.Flavor
	// FIPS asks for the agent's FIPS mode.
	FIPS bool
	// PreloadEnv puts the agent's library into the image's environment, so
	// that it is loaded without the start helper too.
	PreloadEnv bool
	// Config merges the environment's process-module configuration into the
	// agent's own.
	Config bool
	// NetworkZone is empty for none.
	NetworkZone string
	// HostGroup is written into the agent's configuration; empty for none.
	HostGroup string
	// Stages are those that get the agent; empty means every target.
	Stages []string
	// SkipUnsupported builds the app alone for a platform without OneAgent.
	SkipUnsupported bool
	// SkipError does so where the agent cannot be had.
	SkipError bool
	// ImageTrust says what becomes of an image that decides where others send
	// their tokens.
	ImageTrust ImageTrust
	// AppSecrets lets steps of the app have the agent's secrets.
	AppSecrets bool
	// Enforced are the keys that the frontend image does not let be changed.
	Enforced []string
	// SkipMissingSecret does so where a secret was not passed.
	SkipMissingSecret bool
}

// conflict says why some options cannot be had together, or returns "". Keys
// are those of which the last one set is to blame.
func (o *Options) conflict() (why string, keys []string) {
	if o.PreloadEnv && o.Mode == ModeRuntime {
		return "preload=env needs the agent in the image: it cannot be had with mode=runtime", []string{keyPreload, keyMode}
	}
	if o.Config && o.Mode == ModeRuntime {
		return "config=merge needs the agent in the image: it cannot be had with mode=runtime", []string{keyConfig, keyMode}
	}
	if o.HostGroup != "" && o.Mode == ModeRuntime {
		return "host-group needs the agent in the image: mode=runtime cannot have it", []string{keyGroup, keyMode}
	}
	if len(o.Checksums) > 0 && o.Version == "" {
		return "checksum needs an exact version: that of the environment's target version changes with it", []string{keyChecksum, keyVersion}
	}
	if why := o.Checksums.ambiguous(keyChecksum); why != "" {
		return why, []string{keyChecksum}
	}
	return o.Layers.ambiguous(keyLayer), []string{keyLayer}
}

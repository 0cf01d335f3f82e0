package agent

// Spec is what a build asks the cluster for.
type Spec struct {
	Arch    Arch
	Flavor  Flavor
	Include Technologies
	// Version is exact, or empty for the environment's target version.
	Version string
	// NetworkZone is empty for none.
	NetworkZone string
	// Pinned says that the installer has to have a certain digest, so that the
	// cluster is not asked whether it has the version.
	Pinned bool
	// Checksum is the digest that the installer has to have, with its algorithm
	// in front; empty for any. Only the download knows it.
	Checksum string
	// Archive asks for the zip instead of the script.
	Archive bool
	// FIPS asks for the agent's FIPS mode. The installer is the same.
	FIPS bool
	// Config asks for the environment's process-module configuration, merged
	// into the agent's own. The installer is the same.
	Config bool
	// HostGroup is written into the agent's configuration; empty for none. It is
	// in the image on purpose: an installer's own host group is removed, and no
	// scan looks for this one. The installer is the same.
	HostGroup string
}

// Key names the agent that a cluster resolves for s. Of what is asked for in
// one build, only these two differ between platforms.
func (s Spec) Key() string {
	return string(s.Arch) + "-" + string(s.Flavor)
}

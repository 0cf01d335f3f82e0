package agent

// Labels of an instrumented image. They tell people and tools what is in it,
// and a later build, rebase or audit what it has to replace or look at.
const (
	LabelPrefix       = "com.dynatrace.oneagent."
	LabelMode         = LabelPrefix + "mode"
	LabelVersion      = LabelPrefix + "version"
	LabelFlavor       = LabelPrefix + "flavor"
	LabelTechnologies = LabelPrefix + "technologies"
	// LabelLayer is the diff ID of the agent layer. An image that has a copy
	// of the agent, where it could not be merged, lacks it.
	LabelLayer = LabelPrefix + "layer"
	// LabelConfig is [ConfigMerge] for an image that carries an environment's
	// process-module configuration.
	LabelConfig = LabelPrefix + "config"
	// LabelPreload and LabelFIPS are an agent image's: its library for
	// LD_PRELOAD, and "on" for one in FIPS mode.
	LabelPreload = LabelPrefix + "preload"
	LabelFIPS    = LabelPrefix + "fips"
	// LabelCA is the digest of [CustomCAPath] in the image. If the build was given
	// certificates for the agent to trust, the file has a layer of its own.
	LabelCA = LabelPrefix + "ca"
	// LabelEntrypoint is the app's own entrypoint, as JSON.
	LabelEntrypoint = LabelPrefix + "entrypoint"
)

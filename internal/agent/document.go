package agent

import (
	"encoding/base64"
	"time"
)

// Resolved is agent.json: what the cluster will deliver to whom. Every step
// after resolve that is given the API token mounts it. BuildKit keys such a step
// by its content, and so tells environments apart although it never sees a
// secret's value.
type Resolved struct {
	// Version is exact, as in 1.305.152.20241113-104505.
	Version string `json:"version"`
	// Sealed is what later steps need to reach the cluster as the resolve step
	// did, encrypted with the API token. The same build has the same bytes.
	Sealed []byte `json:"sealed"`
}

// fingerprintSize is how much of [Resolved.Sealed] tells it from all others, in
// bytes: its nonce, and a part of what is encrypted.
const fingerprintSize = 24

// Fingerprint returns what tells a build's environment and its way there from
// all others, without naming either. It is empty if nothing is sealed.
func (r Resolved) Fingerprint() string {
	if len(r.Sealed) < fingerprintSize {
		return ""
	}
	return base64.StdEncoding.EncodeToString(r.Sealed[:fingerprintSize])
}

// Installed tells what one install step put into the agent layer.
type Installed struct {
	Version string `json:"version"`
	Flavor  Flavor `json:"flavor"`
	Arch    Arch   `json:"arch"`
	// Technologies are those that the agent has code modules for, by its own
	// manifest.
	Technologies []string `json:"technologies"`
	// FIPS says that the agent is in FIPS mode.
	FIPS bool `json:"fips,omitempty"`
	// Config is [ConfigMerge] where an environment's process-module
	// configuration is in the agent's own.
	Config string `json:"config,omitempty"`
	// ConfigRevision is that configuration's, where it was merged here.
	ConfigRevision uint64 `json:"configRevision,omitempty"`
	// ConfigWarning says what of it could not be merged, and why.
	ConfigWarning string `json:"configWarning,omitempty"`
	// Preload is the library for LD_PRELOAD, absolute in the image.
	Preload string `json:"preload"`
	// Installer is the SHA-256 of the installer, in hex.
	Installer string `json:"installer"`
	// Cluster is what a comparison of the installer's digest with the cluster's
	// own checksum showed.
	Cluster Checksum `json:"cluster,omitempty"`
	// Signed says that the installer's signature was verified.
	Signed bool `json:"signed,omitempty"`
	// DiffID is the digest of the agent layer's uncompressed tar, with its
	// algorithm in front. It is known before BuildKit writes the layer since
	// everything in it is normalised.
	DiffID string `json:"diffID"`
	// Files and Bytes count the regular files that were checked.
	Files int   `json:"files"`
	Bytes int64 `json:"bytes"`
}

// Modes of an image.
const (
	// ModeBuild says that the agent is in the image.
	ModeBuild = "build"
	// ModeRuntime says that the start helper installs the agent.
	ModeRuntime = "runtime"
	// ModeAgent says that there is an agent and no app: an image to build
	// others from.
	ModeAgent = "agent"
)

// Settings is what the start helper finds beside itself in an image.
type Settings struct {
	Mode string `json:"mode"`
	// Version is that of the agent in the image; in run-time mode the one to
	// install, or empty for the environment's target version.
	Version string `json:"version,omitempty"`
	// Flavor is the agent's; in run-time mode empty for what fits the root
	// file system.
	Flavor Flavor `json:"flavor,omitempty"`
	Arch   Arch   `json:"arch"`
	// Preload is the library for LD_PRELOAD, absolute in the image.
	Preload string `json:"preload,omitempty"`
	// Include are the technologies to install in run-time mode.
	Include Technologies `json:"include,omitempty"`
	// NetworkZone is the default for DT_NETWORK_ZONE.
	NetworkZone string `json:"networkZone,omitempty"`
	// FIPS asks for the agent's FIPS mode in run-time mode.
	FIPS bool `json:"fips,omitempty"`
	// PreloadEnv says that the image's environment names Preload already.
	PreloadEnv bool `json:"preloadEnv,omitempty"`
	// ImageEnv are variables that the image itself sets, whose values the start
	// helper does not take for the user's. It is nil if the build did not look.
	ImageEnv []ImageVariable `json:"imageEnv,omitzero"`
	// TrustImage says that the build has the start helper trust what the image
	// sets.
	TrustImage bool `json:"trustImage,omitempty"`
}

// Report is what a build step tells the frontend about itself. It reaches the
// person who builds, so it holds no secret.
type Report struct {
	// Failure says what went wrong and what to do; empty if nothing did.
	Failure string `json:"failure,omitempty"`
	// Cause is set where the frontend has to know what kind of failure it is.
	Cause Cause `json:"cause,omitempty"`
	// Downloaded is when the installer was downloaded that an install step
	// failed with.
	Downloaded time.Time `json:"downloaded,omitzero"`
	// Unavailable says, by [Spec.Key], which of several agents the cluster
	// does not have, and why.
	Unavailable map[string]string `json:"unavailable,omitempty"`
	Warnings    []string          `json:"warnings,omitempty"`
	// CA is the digest of [CAFile], if the build was given certificates for the
	// agent to trust.
	CA string `json:"ca,omitempty"`
}

// Cause is a kind of failure.
type Cause string

// The causes.
const (
	// CauseSecret is a secret that was not passed.
	CauseSecret Cause = "missing-secret"
	// CauseSealed is a download that cannot be opened, since it was sealed with
	// another API token.
	CauseSealed Cause = "sealed"
	// CauseForeign is a step that was given what belongs to another build.
	CauseForeign Cause = "foreign"
	// CausePin is something that has another digest than it has to have.
	CausePin Cause = "pin"
)

// Names of the documents, each at the top of a step's output.
const (
	ResolvedFile  = "agent.json"
	InstalledFile = "installed.json"
	ReportFile    = "report.json"
	// CAFile is no document, but what goes into the image.
	CAFile = "custom.pem"
	// ConfigFile is in a folder of its own, [ConfigDir].
	ConfigFile = "config.json"
	ConfigDir  = "config"
)

// ConfigMerge says that an environment's process-module configuration is merged
// into the agent's.
const ConfigMerge = "merge"

// ConfigSections are those of a process-module configuration that an agent in
// an image takes.
var ConfigSections = []string{"general", "agentType"}

// ModuleConfig is an environment's process-module configuration: its policy for
// the agents in processes.
type ModuleConfig struct {
	// Revision changes with it. It is larger than what a float64 holds exactly.
	Revision   uint64     `json:"revision"`
	Properties []Property `json:"properties"`
}

// Property is one setting of a process-module configuration.
type Property struct {
	Section string `json:"section"`
	Key     string `json:"key"`
	Value   string `json:"value"`
}

// Downloaded describes the installer that a download step leaves.
type Downloaded struct {
	// SHA256 is the installer's digest, in hex.
	SHA256 string    `json:"sha256"`
	Bytes  int64     `json:"bytes"`
	Time   time.Time `json:"time"`
	// Cluster is what a comparison with the cluster's own checksum showed.
	Cluster Checksum `json:"cluster,omitempty"`
	// Signed says that its signature was verified.
	Signed bool `json:"signed,omitempty"`
}

// Checksum is what a comparison with the cluster's own checksum showed; empty
// where there is none to compare with.
type Checksum string

// The outcomes.
const (
	// ChecksumEqual proves that an installer is the cluster's.
	ChecksumEqual Checksum = "equal"
	// ChecksumOther proves nothing: the cluster's checksum may be about the
	// installer with an environment's metadata.
	ChecksumOther Checksum = "other"
)

// String says what it means, for people.
func (c Checksum) String() string {
	switch c {
	case ChecksumEqual:
		return "equal to the cluster's own checksum"
	case ChecksumOther:
		return "unknown to the cluster, whose own checksum may be about the installer with metadata"
	}
	return "not compared: the cluster has no checksum for it"
}

// Names of what a download step leaves.
const (
	// InstallerFile is the vendor's script, sealed with the API token.
	InstallerFile = "installer.sealed"
	// DownloadedFile is its description.
	DownloadedFile = "installer.json"
	// ConnectionFile holds the environment's links, sealed likewise.
	ConnectionFile = "links.sealed"
)

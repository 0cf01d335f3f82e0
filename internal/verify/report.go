package verify

import (
	digest "github.com/opencontainers/go-digest"
	"github.com/org/dt-frontend/internal/scan/search"
)

// Report is what an audit found. It holds no value that is a leak.
type Report struct {
	Image  string        `json:"image"`
	Digest digest.Digest `json:"digest,omitempty"`
	// Verdict sums it up.
	Verdict   Verdict    `json:"verdict"`
	Platforms []Platform `json:"platforms"`
	Leaks     []Leak     `json:"leaks"`
	// Omitted counts leaks beyond the first ones.
	Omitted int `json:"omitted,omitempty"`
	// Unseen are archives that could not be looked into.
	Unseen []Unseen `json:"unseen"`
	Looked Looked   `json:"looked"`
}

// Verdict is an audit's outcome.
type Verdict string

// The outcomes, the worst last.
const (
	Clean           Verdict = "clean"
	NotInstrumented Verdict = "not instrumented"
	// Diverting is an image that gets the token of whoever starts a container of
	// it sent where the image says.
	Diverting  Verdict = "diverts tokens"
	OtherAgent Verdict = "other agent layer"
	Leaking    Verdict = "leak"
)

// Platform is the image of one platform.
type Platform struct {
	// Platform is empty for a folder.
	Platform string `json:"platform,omitempty"`
	// Tag is its name where an archive holds several images.
	Tag    string        `json:"tag,omitempty"`
	Digest digest.Digest `json:"digest,omitempty"`

	Instrumented bool `json:"instrumented"`
	// By says whose way of instrumenting it is.
	By By `json:"by,omitempty"`
	// Reason says why it is not instrumented.
	Reason string `json:"reason,omitempty"`
	// Mode is build or runtime, and empty for others' ways.
	Mode         string   `json:"mode,omitempty"`
	Version      string   `json:"version,omitempty"`
	Flavor       string   `json:"flavor,omitempty"`
	Technologies []string `json:"technologies,omitempty"`
	// Config is merge where an environment's process-module configuration is in
	// the agent's.
	Config string `json:"config,omitempty"`
	// Start says what loads the agent.
	Start Start `json:"start,omitempty"`
	// Preload is the variable LD_PRELOAD of the image.
	Preload string `json:"ldPreload,omitempty"`
	// AgentLayer is the layer that the agent's library is in.
	AgentLayer *LayerRef `json:"agentLayer,omitempty"`
	// Wrong says why the agent layer is none of those that were asked for.
	Wrong string `json:"wrongAgentLayer,omitempty"`
	// Diverts says which of the image's variables decide where dt-start sends a
	// token, unknown to dt-start.
	Diverts []string `json:"diverts,omitempty"`
	// Notes are what seems odd.
	Notes []string `json:"notes,omitempty"`
}

// By says whose way of instrumenting an image it is.
type By string

// The ways.
const (
	ByUs     By = "dt-frontend"
	ByOthers By = "others"
)

// Start says what loads an agent.
type Start string

// What may load it.
const (
	StartHelper  Start = "dt-start"
	StartEnv     Start = "LD_PRELOAD"
	StartFile    Start = "/etc/ld.so.preload"
	StartWrapper Start = "dynatrace-agent64.sh"
)

// LayerRef says which layer.
type LayerRef struct {
	// Index counts from the lowest, from zero.
	Index  int           `json:"index"`
	Digest digest.Digest `json:"digest,omitempty"`
	DiffID digest.Digest `json:"diffID,omitempty"`
	// Content is the diff ID that an agent layer had before it was written in
	// the form of eStargz; empty for a layer in another form.
	Content digest.Digest `json:"content,omitempty"`
}

// Part says in which part of an image something is.
type Part string

// The parts.
const (
	PartIndex       Part = "index"
	PartManifest    Part = "manifest"
	PartConfig      Part = "config"
	PartAttestation Part = "attestation"
	PartLayer       Part = "layer"
	PartArtifact    Part = "artifact"
	// PartLoose is a file of a layout or archive that no image in it names.
	PartLoose Part = "loose file"
)

// Leak is one value in one place. It names the value's kind, and never holds
// the value, nor a path that does: an ellipsis stands for such a part of it.
type Leak struct {
	// Platforms are all whose image has it; empty for what belongs to none.
	Platforms []string `json:"platforms,omitempty"`
	Part      Part     `json:"part"`
	// Digest is that of the document or layer.
	Digest digest.Digest `json:"digest,omitempty"`
	// Layer is set for what is in one.
	Layer *LayerRef `json:"layer,omitempty"`
	// Path is a file's in a layer, or a member's in a document.
	Path string `json:"path,omitempty"`
	// Inside is [search.Location.Member] of the archive that the file is.
	Inside string `json:"inside,omitempty"`
	// Where says where in it, if it is not the content.
	Where string `json:"where,omitempty"`
	Kind  string `json:"kind"`
	// Form says how the value is written, as in base64.
	Form string `json:"form"`
}

// Location returns the file or the member that the leak is in, if it is in one.
func (l Leak) Location() search.Location { return search.Location{File: l.Path, Member: l.Inside} }

// Unseen is an archive that could not be looked into, or not to its end. Its
// own bytes were looked at.
type Unseen struct {
	Layer  LayerRef `json:"layer"`
	Path   string   `json:"path"`
	Reason string   `json:"reason"`
}

// Looked counts what was looked at.
type Looked struct {
	Documents int   `json:"documents"`
	Layers    int   `json:"layers"`
	Files     int   `json:"files"`
	Bytes     int64 `json:"bytes"`
}

// verdict sums a report up.
func (r *Report) verdict() Verdict {
	out := Clean
	for _, p := range r.Platforms {
		if p.Wrong != "" {
			out = OtherAgent
		}
		if len(p.Diverts) > 0 && out != OtherAgent {
			out = Diverting
		}
		if !p.Instrumented && out == Clean {
			out = NotInstrumented
		}
	}
	if len(r.Leaks) > 0 {
		out = Leaking
	}
	return out
}

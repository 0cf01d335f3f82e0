package image

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/internal/agent"
	dtllb "github.com/org/dt-frontend/llb"
)

// historyComment marks our entries in an image's history, as BuildKit's own
// frontend marks its.
const historyComment = "dt-frontend.v0"

// Instrument makes img the config of the app with p on it: the start helper in
// front of the entrypoint, labels, and an entry of the history for each layer.
// All else stays as the app has it.
func Instrument(img *dockerspec.DockerOCIImage, p *payload.Payload, how dtllb.Attachment, created *time.Time) error {
	img.Config.Env = withoutAgentsPreload(img.Config.Env)
	for _, v := range p.Env {
		img.Config.Env = appendTo(img.Config.Env, v)
	}
	labels := map[string]string{}
	for k, v := range img.Config.Labels {
		// An instrumented base says things of its own agent.
		if !strings.HasPrefix(k, agent.LabelPrefix) {
			labels[k] = v
		}
	}
	maps.Copy(labels, p.Labels)
	if how.Merge && p.AgentLayer != "" {
		labels[agent.LabelLayer] = p.AgentLayer
	}
	img.Config.Labels = labels
	img.History = append(img.History, history(p, how, created)...)
	if p.Alone {
		return nil
	}
	return wrap(img)
}

// wrap puts the start helper in front of the entrypoint, and notes in a label
// what was there.
func wrap(img *dockerspec.DockerOCIImage) error {
	entrypoint := effective(unwrap(img.Config.Entrypoint))
	own, err := json.Marshal(append([]string{}, entrypoint...))
	if err != nil {
		return fmt.Errorf("encoding the app's entrypoint: %w", err)
	}
	img.Config.Labels[agent.LabelEntrypoint] = string(own)
	img.Config.Entrypoint = append([]string{agent.StartPath, "--"}, entrypoint...)
	return nil
}

// MarkWithout marks an image that was to have an agent and has none, unless it
// has that of an instrumented base.
func MarkWithout(img *dockerspec.DockerOCIImage) {
	if IsInstrumented(img) {
		return
	}
	labels := maps.Clone(img.Config.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	labels[agent.LabelMode] = string(option.ModeOff)
	img.Config.Labels = labels
}

// PadHistory gives an entry to layers of the base image that its history does
// not know, as of images that were made without a Dockerfile. The exporter
// would shift the entries after them to the wrong layers.
func PadHistory(img, base *dockerspec.DockerOCIImage) {
	if base == nil || len(img.History) < len(base.History) {
		return
	}
	missing := len(base.RootFS.DiffIDs)
	for _, h := range base.History {
		if !h.EmptyLayer {
			missing--
		}
	}
	if missing <= 0 {
		return
	}
	pad := make([]ocispecs.History, missing)
	for i := range pad {
		pad[i] = ocispecs.History{CreatedBy: "layer of the base image", Comment: historyComment}
	}
	// Behind the base's own, which other tools compare one by one.
	img.History = slices.Insert(img.History, len(base.History), pad...)
}

// IsInstrumented reports whether an image starts by a helper of ours.
func IsInstrumented(img *dockerspec.DockerOCIImage) bool {
	return len(unwrap(img.Config.Entrypoint)) < len(img.Config.Entrypoint)
}

// unwrap returns entrypoint without a start helper in front of it, which the
// image of an instrumented base brings along.
func unwrap(entrypoint []string) []string {
	if len(entrypoint) == 0 || entrypoint[0] != agent.StartPath {
		return entrypoint
	}
	entrypoint = entrypoint[1:]
	if len(entrypoint) > 0 && entrypoint[0] == "--" {
		entrypoint = entrypoint[1:]
	}
	return entrypoint
}

// effective returns the part of an image's entrypoint that an engine runs. To
// engines an entrypoint of one empty string means no entrypoint: they run the
// command by itself. Behind the start helper the empty string would be the name
// of a program. An empty string among others is the name of a program to
// engines, too, and stays.
//
// Sources: mergeAndVerifyConfig in moby's daemon/create.go, makeCommand in
// podman's pkg/specgen/generate/oci.go, WithProcessArgs in containerd's
// internal/cri/opts.
func effective(entrypoint []string) []string {
	if len(entrypoint) == 1 && entrypoint[0] == "" {
		return nil
	}
	return entrypoint
}

// history returns an entry for each layer that attaching adds, in their order,
// and one for the config. Where one was missing the exporter would put the
// step's command line in its place.
func history(p *payload.Payload, how dtllb.Attachment, created *time.Time) []ocispecs.History {
	entry := func(createdBy string) ocispecs.History {
		return ocispecs.History{CreatedBy: createdBy, Comment: historyComment, Created: created}
	}
	var out []ocispecs.History
	if names := how.Removes(); len(names) > 0 {
		out = append(out, entry("REMOVE "+strings.Join(names, " ")))
	}
	if how.Certificate != nil {
		out = append(out, entry("CERTIFICATES "+agent.CustomCAPath))
	}
	for _, l := range p.Layers {
		out = append(out, entry(l.CreatedBy))
	}
	if p.Alone {
		return out
	}
	config := entry(fmt.Sprintf("ENTRYPOINT [%q, %q, …]", agent.StartPath, "--"))
	config.EmptyLayer = true
	return append(out, config)
}

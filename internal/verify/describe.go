package verify

import (
	"cmp"
	"path"
	"strings"

	digest "github.com/opencontainers/go-digest"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/library"
	"github.com/org/dt-frontend/internal/agent/manifest"
	"github.com/org/dt-frontend/internal/agent/moduleconfig"
)

// describe says what is known of the agent: what its own files say, or else
// what the labels do.
func (d *described) describe() {
	labels := d.image.Config.Config.Labels
	settings := d.settings
	mode := cmp.Or(labels[agent.LabelMode], settings.Mode)
	switch {
	case d.Start == "" && d.agentLib == "":
	case d.Start == StartHelper, mode == agent.ModeBuild, mode == agent.ModeAgent:
		d.By, d.Mode = ByUs, mode
	case d.agentLib != "":
		d.By = ByOthers
	}
	own := d.manifest()
	if own != nil {
		d.Version, d.Technologies = own.version, own.technologies
	}
	d.Version = cmp.Or(d.Version, d.installerVersion(), settings.Version, labels[agent.LabelVersion])
	if said, err := agent.ParseTechnologies(labels[agent.LabelTechnologies]); own == nil && err == nil {
		d.Technologies = said.Names()
	}
	d.Flavor = cmp.Or(string(d.flavor()), string(settings.Flavor), labels[agent.LabelFlavor])
	d.Config = d.config()
	d.compareLabels()
}

// compareLabels notes where labels say something else than the agent's files.
func (d *described) compareLabels() {
	labels := d.image.Config.Config.Labels
	switch said := labels[agent.LabelConfig]; said {
	case d.Config:
	case "":
		d.note("an environment's configuration is merged into the agent's, and no label says so")
	default:
		d.note("the label says config %s, and the agent's configuration does not", said)
	}
	for _, c := range []struct{ what, label, found string }{
		{"version", labels[agent.LabelVersion], d.Version},
		{"flavor", labels[agent.LabelFlavor], d.Flavor},
	} {
		if c.label != "" && c.found != "" && c.label != c.found {
			d.note("the label says %s %s, and the agent is %s", c.what, c.label, c.found)
		}
	}
	said := digest.Digest(labels[agent.LabelLayer])
	switch l := d.AgentLayer; {
	case l != nil && l.Content != "":
		d.note("the agent layer is in the form of eStargz, which has a diff ID of its own: its content is that of the layer %s", l.Content)
		if said != "" && said != l.Content {
			d.note("the label says that the agent layer is %s, which it is not", said)
		}
	case said != "" && (l == nil || said != l.DiffID):
		d.note("the label says that the agent layer is %s, which it is not", said)
	}
}

// manifest returns the agent's own, or nil.
func (d *described) manifest() *summary {
	dir, ok := d.dir()
	if !ok {
		return nil
	}
	if f, ok := d.files.files[path.Join(dir, manifest.File)]; ok {
		return f.manifest
	}
	return nil
}

// config tells by the agent's configuration whether an environment's is in it.
func (d *described) config() string {
	dir, ok := d.dir()
	if !ok {
		return ""
	}
	if f, ok := d.files.files[path.Join(dir, moduleconfig.File)]; ok && f.merged {
		return agent.ConfigMerge
	}
	return ""
}

// installerVersion is the version that an agent has next to its manifest, which
// may have none.
func (d *described) installerVersion() string {
	dir, ok := d.dir()
	if !ok {
		return ""
	}
	if v := strings.TrimSpace(d.text(path.Join(dir, manifest.VersionFile))); agent.ValidVersion(v) {
		return v
	}
	return ""
}

// flavor tells for which C library the agent is: by the platforms that it has
// code modules for, and by its libraries.
func (d *described) flavor() agent.Flavor {
	dir, ok := d.dir()
	if !ok {
		return ""
	}
	parts := library.Parts{Library: d.files.files[d.agentLib].libc}
	_, parts.Musl = d.files.files[path.Join(dir, library.MuslLibrary)]
	for name, f := range d.files.files {
		if f.dir && isIn(name, path.Join(dir, agent.ModulesDir)) {
			parts.Platforms = append(parts.Platforms, path.Base(name))
		}
	}
	return parts.Flavor()
}

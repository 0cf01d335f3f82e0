package verify

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/library"
	"github.com/org/dt-frontend/internal/verify/image"
)

// described is an image of one platform in the making.
type described struct {
	Platform
	image  *image.Manifest
	layers []*layer
	budget *budget
	files  *overlay
	// agentLib is the path of the agent's library, or empty.
	agentLib string
	// symlinks are the image's.
	symlinks *symlinkTree
	// over says that the budget was not enough to follow them.
	over error
	// settings are those of dt-start, and unusable is what is wrong with them.
	settings agent.Settings
	unusable string
}

// platform says how the image of one platform is instrumented.
func (a *audit) platform(m *image.Manifest) (Platform, error) {
	d := &described{image: m, budget: a.budget, Platform: Platform{
		Platform: a.text(m.Platform), Tag: a.text(m.Tag), Digest: m.Descriptor.Digest,
	}}
	for _, l := range m.Layers {
		d.layers = append(d.layers, a.layers[keyOf(l)])
	}
	var err error
	if d.files, err = newOverlay(d.layers, a.budget); err != nil {
		return Platform{}, err
	}
	defer d.files.close()
	if d.symlinks, err = finalLinks(d.layers, a.budget); err != nil {
		return Platform{}, err
	}
	defer d.symlinks.close()
	d.unusable = d.readSettings()
	d.findLibrary()
	d.findStart()
	d.describe()
	d.noteCA()
	d.noteVolumes()
	d.judge()
	d.judgeStart()
	d.noteSteering()
	if len(a.options.AgentLayers) > 0 {
		if d.Wrong, err = d.checkAgentLayer(a.options.AgentLayers, a.options.AgentCAs); err != nil {
			return Platform{}, err
		}
	}
	a.redact(&d.Platform)
	return d.Platform, d.over
}

// redact makes sure that nothing of the image's own words is a leak.
func (a *audit) redact(p *Platform) {
	p.Version, p.Flavor, p.Preload, p.Mode = a.text(p.Version), a.text(p.Flavor), a.text(p.Preload), a.text(p.Mode)
	for i, t := range p.Technologies {
		p.Technologies[i] = a.text(t)
	}
	p.Reason = a.text(p.Reason)
	for i, n := range p.Diverts {
		p.Diverts[i] = a.text(n)
	}
	for i, n := range p.Notes {
		p.Notes[i] = a.text(n)
	}
}

func (d *described) note(format string, args ...any) {
	d.Notes = append(d.Notes, fmt.Sprintf(format, args...))
}

// findLibrary finds the agent, at the usual place before any other.
func (d *described) findLibrary() {
	var all []string
	for name, f := range d.files.files {
		// A 32-bit one lies beside, under agent/lib.
		if path.Base(name) == agent.ProcessLibrary && !f.dir {
			all = append(all, name)
		}
	}
	usual := path.Join(agentFolder, agent.PreloadLibrary)
	slices.SortFunc(all, func(x, y string) int {
		if c := rank(x, usual) - rank(y, usual); c != 0 {
			return c
		}
		return strings.Compare(x, y)
	})
	if len(all) == 0 {
		return
	}
	d.agentLib = all[0]
	l := d.files.files[d.agentLib].layer
	d.AgentLayer = &LayerRef{Index: l.ref.Index, Digest: l.ref.Digest, DiffID: l.ref.DiffID}
	for i, own := range d.layers {
		if own == l {
			d.AgentLayer.Index, d.AgentLayer.Content = i, d.content(i)
		}
	}
}

// rank orders libraries: the usual one, then the 64-bit ones.
func rank(name, usual string) int {
	switch {
	case name == usual:
		return 0
	case strings.HasSuffix(name, agent.PreloadLibrary):
		return 1
	}
	return 2
}

// dir is the folder that the agent lies in, and whether there is one.
func (d *described) dir() (string, bool) {
	for _, end := range []string{agent.PreloadLibrary, library.MuslLibrary, "agent/lib/" + agent.ProcessLibrary} {
		if dir, ok := strings.CutSuffix(d.agentLib, end); ok {
			return strings.TrimSuffix(dir, "/"), true
		}
	}
	return "", false
}

// findStart finds what loads the agent.
func (d *described) findStart() {
	config := d.image.Config.Config
	d.Preload = variable(config.Env, "LD_PRELOAD")
	command := slices.Concat(config.Entrypoint, config.Cmd)
	switch {
	case len(config.Entrypoint) > 0 && config.Entrypoint[0] == agent.StartPath && d.exists(agent.StartPath):
		d.Start = StartHelper
	case !d.image.HasConfig() && d.exists(agent.StartPath):
		d.Start = StartHelper
	case len(agent.ProcessLibraries(d.Preload)) > 0:
		d.Start = StartEnv
	case len(agent.ProcessLibraries(agent.WithoutComments(d.preloadText()))) > 0:
		d.Start = StartFile
	case slices.ContainsFunc(command, func(s string) bool { return strings.Contains(s, wrapperName) }):
		d.Start = StartWrapper
	}
}

func (d *described) text(name string) string {
	if f, ok := d.files.files[name]; ok {
		return f.text
	}
	return ""
}

// judge decides whether the image is instrumented.
func (d *described) judge() {
	labels := d.image.Config.Config.Labels
	switch {
	case d.Start == StartHelper && d.Mode == agent.ModeRuntime:
		d.Instrumented = true
	case d.Start != "" && d.agentLib != "":
		d.Instrumented = true
	case d.Start == StartHelper:
		d.Reason = "dt-start is its entrypoint, but there is no agent in it"
	case d.Start != "":
		d.Reason = fmt.Sprintf("%s names an agent that is not in it", d.Start)
	case d.agentLib != "" && d.Mode == agent.ModeAgent:
		d.Reason = "it is an agent image, to build others from"
	case d.agentLib != "":
		d.Reason = "there is an agent in it, but nothing loads it"
	case d.exists(agent.StartPath):
		d.Reason = "dt-start is in it, but is not its entrypoint"
	case labels[agent.LabelMode] == "off":
		d.Reason = "it was built without an agent, as its label says"
	default:
		d.Reason = "there is no agent in it"
	}
	if !d.Instrumented && d.By == ByOthers {
		d.By = ""
	}
}

// variable returns the last value of a variable in an environment.
func variable(env []string, name string) string {
	for _, e := range slices.Backward(env) {
		if value, ok := strings.CutPrefix(e, name+"="); ok {
			return value
		}
	}
	return ""
}

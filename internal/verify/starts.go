package verify

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// finalLinks returns the symlinks of an image as its layers leave them.
func finalLinks(layers []*layer, b *budget) (*symlinkTree, error) {
	all := map[string]string{}
	for _, l := range layers {
		if err := l.facts.removeFrom(all, b); err != nil {
			return nil, err
		}
		for name := range l.facts.files {
			delete(all, name)
		}
		maps.Copy(all, l.facts.symlinks)
	}
	t := newSymlinkTree(b)
	return t, t.add(all)
}

// removeFrom deletes the paths that the layer removes.
func (f *facts) removeFrom(all map[string]string, b *budget) error {
	if len(f.gone)+len(f.emptied) == 0 {
		return nil
	}
	for name := range all {
		if err := b.work(strings.Count(name, "/")); err != nil {
			return err
		}
		if f.removes(name) {
			delete(all, name)
		}
	}
	return nil
}

// removes reports whether the layer removes a path that a lower one has.
func (f *facts) removes(name string) bool {
	if f.gone[name] {
		return true
	}
	for name != "." {
		name = path.Dir(name)
		if f.gone[name] || f.emptied[name] || name == "." && f.emptied[""] {
			return true
		}
	}
	return false
}

// at returns the file at an absolute path of the image, by way of its symlinks.
// Where the budget does not reach, the audit ends with d.over.
func (d *described) at(name string) (owned, bool) {
	real, ok, err := d.symlinks.resolve(strings.TrimPrefix(path.Clean(name), "/"))
	if err != nil {
		d.over = err
	}
	if err != nil || !ok {
		return owned{}, false
	}
	f, ok := d.files.files[real]
	return f, ok && !f.dir
}

// exists reports whether the image has a file at an absolute path.
func (d *described) exists(name string) bool {
	_, ok := d.at(name)
	return ok
}

// readSettings reads what the build left for dt-start, and returns what a start
// would say is wrong with it.
func (d *described) readSettings() string {
	f, ok := d.at(agent.SettingsPath)
	if !ok {
		return agent.SettingsPath + " is not in it"
	}
	if json.Unmarshal([]byte(f.text), &d.settings) != nil {
		d.settings = agent.Settings{}
		return agent.SettingsPath + " is damaged"
	}
	switch d.settings.Mode {
	case "", agent.ModeBuild:
		if d.settings.Preload == "" {
			d.settings.Preload = path.Join(agent.Dir, agent.PreloadLibrary)
		}
	case agent.ModeRuntime:
	default:
		return fmt.Sprintf("%s asks for a mode that dt-start does not know", agent.SettingsPath)
	}
	return ""
}

// preloads are the lists that the loader reads in a container of the image.
func (d *described) preloads() []preloads {
	return []preloads{
		{StartEnv, agent.ProcessLibraries(d.Preload)},
		{StartFile, agent.ProcessLibraries(agent.WithoutComments(d.preloadText()))},
	}
}

// preloads are an agent's libraries that a list names.
type preloads struct {
	where Start
	libs  []string
}

func (d *described) preloadText() string {
	f, ok := d.at(agent.PreloadFile)
	if !ok {
		return ""
	}
	return f.text
}

// isThere reports whether the loader would find a library in the image.
func (d *described) isThere(lib string) bool {
	search := variable(d.image.Config.Config.Env, "LD_LIBRARY_PATH")
	return slices.ContainsFunc(agent.LibraryPaths(lib, search), func(name string) bool {
		f, ok := d.at(name)
		return ok && f.binary
	})
}

// judgeStart goes by what a start would do: an image that has an agent and
// something that loads it can still start without.
func (d *described) judgeStart() {
	if !d.Instrumented {
		return
	}
	why := d.switchedOff()
	switch {
	case why != "":
	case d.Start == StartHelper:
		why = d.helperStarts()
	case d.Start == StartWrapper:
		why = d.wrapperStarts()
	default:
		why = d.loaderStarts()
	}
	if why == "" {
		return
	}
	d.Instrumented, d.Reason = false, why
	if d.By == ByOthers {
		d.By = ""
	}
}

// switchedOff says that the agent's own switch is off. Engines differ in which
// of two entries of one name they take.
func (d *described) switchedOff() string {
	for _, e := range d.image.Config.Config.Env {
		if name, value, _ := strings.Cut(e, "="); name == agent.VarActive && agent.IsOff(value) {
			return agent.VarActive + "=false in its environment switches the agent off"
		}
	}
	return ""
}

// helperStarts says why dt-start would start the app without an agent.
func (d *described) helperStarts() string {
	if d.unusable != "" {
		return "dt-start is its entrypoint, but " + d.unusable
	}
	if d.settings.Mode != agent.ModeRuntime && !d.exists(d.settings.Preload) {
		return "dt-start is its entrypoint, but the agent's library that it preloads is not in the image"
	}
	for _, p := range d.preloads() {
		for _, lib := range p.libs {
			switch {
			case path.Clean(lib) == d.settings.Preload:
			case d.isThere(lib):
				d.note("%s names another agent's library, which dt-start leaves to load: %s", p.where, lib)
				return ""
			case d.settings.ImageEnv == nil:
				// It does not look whether the library is there.
				return fmt.Sprintf("%s names an agent that is not in it, for which this older dt-start preloads none", p.where)
			default:
				d.note("%s names an agent that is not in it: dt-start ignores that", p.where)
			}
		}
	}
	return ""
}

// wrapperStarts says why the vendor's script would not load an agent: it loads
// the one that it lies next to.
func (d *described) wrapperStarts() string {
	config := d.image.Config.Config
	for _, arg := range slices.Concat(config.Entrypoint, config.Cmd) {
		if path.Base(arg) != wrapperName || !path.IsAbs(arg) {
			continue
		}
		if !d.exists(arg) || !d.exists(path.Join(path.Dir(arg), agent.PreloadLibrary)) {
			return wrapperName + " is in its command, but it or the agent next to it is not in the image"
		}
	}
	return ""
}

// loaderStarts says why the loader would not load an agent.
func (d *described) loaderStarts() string {
	for _, p := range d.preloads() {
		if slices.ContainsFunc(p.libs, d.isThere) {
			d.Start = p.where
			return ""
		}
	}
	return fmt.Sprintf("%s names an agent that is not in it", d.Start)
}

// noteSteering says which variables of the image decide where dt-start sends the
// token of whoever starts a container.
func (d *described) noteSteering() {
	if d.Start != StartHelper {
		return
	}
	for _, s := range agent.SteeringIn(d.image.Config.Config.Env) {
		says := fmt.Sprintf("%s in its environment %s", s.Name, s.Does)
		switch {
		case d.settings.TrustImage:
			d.note("%s: the build has dt-start trust the image", says)
		case d.settings.Sets(s.Name, s.Value):
			d.note("%s: dt-start sends no token that way, so the app may run unmonitored", says)
		default:
			d.Diverts = append(d.Diverts, says+", and dt-start does not know that the image sets it")
		}
	}
}

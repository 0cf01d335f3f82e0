package start

import (
	"context"
	"errors"
	"fmt"
	"path"

	"github.com/org/dt-frontend/internal/agent"
)

// Diagnose goes the way of [Make] without an end at the first obstacle, and
// changes nothing. Without arguments there is no app to look at.
func Diagnose(ctx context.Context, in Input) *Diagnosis {
	in.Args = command(in.Args)
	p := newPlanner(in, newEnviron(in.Env))
	p.options = p.readOptions()
	d := &doctor{planner: p, found: &Diagnosis{Missing: []string{}, secrets: p.plan.Log.secrets}}
	if err := safely(func() error { d.run(ctx); return nil }); err != nil {
		d.found.lacks(err)
	}
	for _, l := range p.plan.Log.lines {
		if l.level == levelWarn {
			d.found.note("%s", l.text)
		}
	}
	d.found.Monitored = len(d.found.Missing) == 0
	return d.found
}

// doctor fills in a Diagnosis.
type doctor struct {
	*planner
	found *Diagnosis
	// unknown says that the settings could not be read.
	unknown bool
}

func (d *doctor) run(ctx context.Context) {
	d.app()
	unusable := d.readSettings()
	if off, err := d.switchedOff(); err != nil {
		d.found.lacks(err)
	} else if off {
		d.found.lacks(errors.New("DT_AGENTACTIVE=false switches the agent off"))
	}
	if d.injected() {
		d.found.note("LD_PRELOAD or %s names %s already: nothing is added (DT_START_FORCE=true overrides)", preloadFile, processLibrary)
		return
	}
	d.image(unusable)
	d.trust()
	s, err := d.source()
	d.found.lacks(err)
	var r *Request
	if err == nil {
		d.found.Source = s.Name
		r = d.cluster(ctx, s)
	}
	if r != nil && !d.unknown {
		d.versions(ctx, *r)
	}
	if d.settings.Mode == agent.ModeRuntime {
		d.agent(s, r)
	}
}

// app finds the file that would be executed.
func (d *doctor) app() {
	if len(d.in.Args) == 0 {
		return
	}
	name, err := resolve(d.in.Files, d.user.get("PATH"), d.in.Args[0])
	if err != nil {
		d.found.lacks(errors.New(err.text))
		return
	}
	d.plan.Path, d.found.App = name, name
}

// image looks at what the build left, unless it cannot be used, and whether the
// app can load it.
func (d *doctor) image(unusable error) {
	if unusable != nil {
		d.found.lacks(unusable)
		d.unknown = true
		return
	}
	s := d.settings
	d.found.Mode, d.found.Version, d.found.Arch, d.found.Include = s.Mode, s.Version, string(s.Arch), s.Include
	if pf, known := platformOf(s.Arch); known {
		d.found.Libc = d.libc(pf)
	}
	if s.Mode == agent.ModeRuntime {
		if err := d.chooseFlavor(); err != nil {
			d.found.lacks(err)
			return
		}
	} else {
		d.found.Dir, d.found.InPlace = agent.Dir, true
		if err := d.inImage(); err != nil {
			d.found.lacks(err)
			d.found.InPlace = false
		}
	}
	d.found.Flavor = string(s.Flavor)
	d.found.lacks(d.loadable())
}

// libc says what the app is linked against, or what it could start.
func (d *doctor) libc(pf platform) string {
	static := ""
	if exe := inspect(d.in.Files, d.plan.Path); exe != nil {
		switch {
		case exe.elf.Interp == "":
			static = "none, " + exe.path + " is static; the root file system has "
		case loads(exe.elf.Interp, agent.FlavorMusl):
			return "musl (" + exe.elf.Interp + ")"
		case loads(exe.elf.Interp, agent.FlavorDefault):
			return "glibc (" + exe.elf.Interp + ")"
		default:
			return "unknown (" + exe.elf.Interp + ")"
		}
	}
	glibc, musl := hasGlibc(d.in.Files, pf), exists(d.in.Files, pf.musl)
	switch {
	case glibc && musl:
		return static + "glibc and musl"
	case glibc:
		return static + "glibc"
	case musl:
		return static + "musl"
	}
	return static + "no loader"
}

// agent looks for the agent in run-time mode, or for a place for it.
func (d *doctor) agent(s *Source, r *Request) {
	if d.settings.Flavor == "" {
		return // which is said already
	}
	if _, err := d.given(varAgentDir); err != nil {
		d.found.lacks(err)
		return
	}
	o := d.order(d.found.Version)
	o.FIPS = s != nil && s.FIPS || d.settings.FIPS
	a, ok := d.in.Installer.Find(o)
	if !ok && d.settings.Version == "" {
		// A start falls back to another version.
		o.Version = ""
		if a, ok = d.in.Installer.Find(o); ok && d.found.Version != "" {
			d.found.note("OneAgent %s is in place and would be replaced", a.Version)
		}
	}
	if ok {
		d.found.Dir, d.found.InPlace = a.Dir, true
		if d.found.Version == "" {
			d.found.Version = a.Version
		}
		return
	}
	switch {
	case r == nil && s != nil && s.Details != nil:
		d.found.lacks(errNoDownload)
	case r != nil && d.found.Version == "":
		d.found.lacks(errors.New("the environment names no version of OneAgent for this image"))
	case d.found.Listed != nil && !*d.found.Listed:
		d.found.lacks(fmt.Errorf("the environment does not offer OneAgent %s (%s, %s)", d.found.Version, d.found.Flavor, d.found.Arch))
	}
	dir, err := d.in.Installer.Where(o)
	d.found.lacks(err)
	d.found.Dir = path.Clean(dir)
	if err != nil {
		d.found.Dir = ""
	}
}

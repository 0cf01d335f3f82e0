package start

import (
	"fmt"
	"path"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/start/provision"
)

// image describes what the build left, and the agent.
func (d *doctor) image() {
	if d.unusable != nil {
		return
	}
	s := d.settings
	d.found.Mode, d.found.Version, d.found.Arch, d.found.Include = s.Mode, s.Version, string(s.Arch), s.Include
	d.found.Flavor = string(s.Flavor)
	if pf, known := platformOf(s.Arch); known {
		d.found.Libc = d.libc(pf)
	}
	switch {
	case s.Mode != agent.ModeRuntime:
		d.found.Dir, d.found.InPlace = agent.Dir, d.inImage() == nil
	case s.Flavor != "":
		d.findFolder()
	}
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

// findFolder tells where the agent is in run-time mode or where it would be
// installed, be it that a start did not come that far.
func (d *doctor) findFolder() {
	o := d.order(d.found.Version)
	a, ok := d.agent, true
	if a == nil {
		a, ok = d.in.Installer.Find(o)
	}
	if ok {
		d.found.Dir, d.found.Version, d.found.InPlace = path.Clean(a.Dir), a.Version, !d.installs
		return
	}
	dir, err := d.in.Installer.Where(o)
	if err != nil {
		d.found.addMissing(err)
		return
	}
	d.found.Dir = path.Clean(dir)
}

// notOffered says that an agent cannot be downloaded.
func notOffered(o provision.Order) error {
	return fmt.Errorf("the environment does not offer OneAgent %s (%s, %s)", o.Version, o.Spec.Flavor, o.Spec.Arch)
}

// authority looks for the file with certificates that the agent reads, and notes
// whether a variable has it overlook those of the image.
func (d *doctor) authority() {
	dir := d.user.get(agent.VarConfigDir)
	read := agent.CustomCAIn(dir)
	if exists(d.in.Files, read) {
		d.found.CA = read
	}
	if read != agent.CustomCAPath && exists(d.in.Files, agent.CustomCAPath) {
		d.found.note("%s=%s: the agent reads certificates from %s, and not from %s", agent.VarConfigDir, dir, read, agent.CustomCAPath)
	}
}

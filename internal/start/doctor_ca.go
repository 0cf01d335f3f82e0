package start

import "github.com/org/dt-frontend/internal/agent"

// trust looks for the file with certificates that the agent reads, and notes
// whether a variable has it overlook those of the image.
func (d *doctor) trust() {
	dir := d.user.get(agent.VarConfigDir)
	read := agent.CustomCAIn(dir)
	if exists(d.in.Files, read) {
		d.found.CA = read
	}
	if read != agent.CustomCAPath && exists(d.in.Files, agent.CustomCAPath) {
		d.found.note("%s=%s: the agent reads certificates from %s, and not from %s", agent.VarConfigDir, dir, read, agent.CustomCAPath)
	}
}

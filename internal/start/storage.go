package start

import "github.com/org/dt-frontend/internal/agent/variable"

// Where the agent writes, and how much it logs to a file.
//
// Source: OneAgent 1.161.272 to 1.307.59, run with Node.js under strace. All of
// them heed DT_STORAGE, and create it if it is missing. DT_LOGDIR and
// DT_DATASTORAGE are names in the agent's library, but change nothing.
const (
	varStorage      = variable.Storage
	varLogLevelFile = variable.LogLevelFile
	// logNothing is a level of varLogLevelFile.
	logNothing = "none"
)

// storage finds another directory for the agent to write to if it cannot write
// to logDir, which is writable for everybody unless the root is read-only. By
// itself the agent would try TMPDIR and /tmp, and then the app's working
// directory.
//
// If nothing is writable the agent reports all the same, but tries to open its
// log file again for each line, hundreds of times in the first seconds. So it is
// told not to log to a file. It would print nothing about that: it logs to stderr
// only if DT_LOGLEVELCON asks for it.
func (p *planner) storage(logDir string) {
	if p.user.get(varStorage) != "" || p.in.Files.Writable(logDir) {
		return
	}
	for _, dir := range []string{p.user.get("TMPDIR"), "/tmp", "/var/tmp", "/dev/shm"} {
		if dir != "" && p.in.Files.Writable(dir) {
			p.env.set(varStorage, dir)
			p.plan.Log.debug(logDir + " is read-only: set " + varStorage + "=" + dir)
			return
		}
	}
	if p.user.get(varLogLevelFile) == "" {
		p.env.set(varLogLevelFile, logNothing)
		p.plan.Log.debug("nothing is writable: set " + varLogLevelFile + "=" + logNothing)
	}
}

package links

import (
	"path"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// Leftovers are the files that an agent writes when it is run or configured, or
// that an environment configures it with, relative to the agent's directory. An
// installer has no business to leave them. [agent.WritableDirs] hold more.
//
// Source: the files that the vendor's agents 1.161 to 1.307 open when they run,
// under strace, and those that the vendor's operator writes.
var Leftovers = slices.Concat(runFiles, customKeys)

// runFiles are of a run.
var runFiles = []string{
	"agent/conf/declarative.cbor",
	"agent/config/agent.state",
	"agent/config/container.conf",
	"agent/config/declarative.cbor",
	"agent/config/ruxitagentproc.conf",
}

// customKeys are of an environment: certificates of its own servers name them.
var customKeys = []string{
	agent.CustomKeysDir + "/curl_options.conf",
	agent.CustomKeysDir + "/custom-proxy.pem",
	agent.CustomKeysDir + "/" + agent.CAFile,
	agent.CustomKeysDir + "/custom_proxy.pem",
}

const (
	// tmpDir is where an agent writes whose own directory it cannot write to.
	tmpDir = "/tmp/ruxit"
	// placeholderFile is the vendor's own: it keeps a directory in an archive.
	placeholderFile = "ignore_me.txt"
)

// HostLeftovers are the files and directories that a run of an agent leaves
// outside of the agent's directory, absolute. The certificates that an agent
// trusts are not among them: whoever made an image may have put them there.
var HostLeftovers = func() []string {
	out := []string{tmpDir}
	for _, name := range runFiles {
		out = append(out, path.Join(agent.VarDir, name))
	}
	for _, dir := range agent.WritableDirs {
		out = append(out, path.Join(agent.VarDir, dir))
	}
	return out
}()

// IsRunLeftover reports whether a path is that of a file that a run of an agent
// left, in the agent's directory or outside, wherever these are.
func IsRunLeftover(name string) bool {
	if strings.Contains("/"+name, tmpDir+"/") {
		return true
	}
	rest, ok := inAgent(name)
	if !ok {
		return false
	}
	return slices.Contains(runFiles, rest) || agent.IsWritable(rest) && !isPlaceholder(rest)
}

// IsLeftover reports whether a path is that of a file that a run of an agent
// left, or with which an environment configures its agents.
func IsLeftover(name string) bool {
	rest, ok := inAgent(name)
	return IsRunLeftover(name) || ok && slices.Contains(customKeys, rest)
}

// isPlaceholder reports whether a path in an agent's directory is that of a file
// which keeps a directory that is empty otherwise.
func isPlaceholder(rest string) bool {
	return slices.Contains(agent.WritableDirs, path.Dir(rest)) && path.Base(rest) == placeholderFile
}

// inAgent returns a path relative to the agent's directory that it is in.
func inAgent(name string) (rest string, ok bool) {
	const dir = "/" + agent.Suffix + "/"
	i := strings.LastIndex("/"+name, dir)
	if i < 0 {
		return "", false
	}
	return ("/" + name)[i+len(dir):], true
}

package oneagent

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// Release is an agent that npm has, and what the package with it leaves to us.
type Release struct {
	// Name is the version as npm has it.
	Name string
	// Node is a Node.js that this agent has a module for.
	Node string

	// semver is the module that npm installs as the package's dependency. In an
	// installer it lies in the agent's tree, where the manifest lists it.
	semver string
	// named says that the manifest names the agent's version, as those of most
	// downloads do, and emptied that without metadata the templates' fields are
	// empty. Both kinds of installers are in use; which cluster makes which is
	// not documented.
	named, emptied bool
}

// Releases are the agents, oldest first.
var Releases = []Release{
	{Name: "1.161.272", Node: "node-10", semver: "semver-5", named: true},
	{Name: "1.207.216", Node: "node-14", semver: "semver-6", emptied: true},
	{Name: "1.221.132", Node: "node-16", semver: "semver-6", named: true},
	{Name: "1.281.161", Node: "node-20", named: true, emptied: true},
	{Name: "1.303.62", Node: "node-20"},
	{Name: "1.307.59", Node: "node-20", named: true},
}

// Agent is an agent's tree on disk.
type Agent struct {
	Release
	// Version is the whole version, as in 1.305.152.20241113-104505.
	Version string

	dir, semverDir string
}

// Open finds the agents in a node_modules directory that npm has filled from
// hack/tools/oneagent.
func Open(modules string) ([]*Agent, error) {
	var agents []*Agent
	for _, r := range Releases {
		a := &Agent{Release: r, dir: filepath.Join(modules, "oneagent-"+r.Name)}
		version, err := os.ReadFile(filepath.Join(a.dir, "agent/installer.version"))
		if err != nil {
			return nil, fmt.Errorf("reading the version of agent %s: %w", r.Name, err)
		}
		a.Version = string(bytes.TrimSpace(version))
		if r.semver != "" {
			a.semverDir = filepath.Join(modules, r.semver)
		}
		agents = append(agents, a)
	}
	return agents, nil
}

// Has reports whether the agent has a file, by its path in the tree.
func (a *Agent) Has(name string) bool {
	_, err := os.Stat(filepath.Join(a.dir, name))
	return err == nil
}

package tree

import (
	"errors"
	"io/fs"
	"os"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/links"
	"github.com/org/dt-frontend/internal/manifest"
	"github.com/org/dt-frontend/internal/moduleconfig"
	"github.com/org/dt-frontend/internal/scan"
)

// config is what became of the agent's configuration.
type config struct {
	// merged says that an environment's is in it.
	merged bool
	// changed says that this was done now.
	changed bool
	// warning says what could not be merged, and why.
	warning string
}

// describe adds it to what is said of the agent.
func (c config) describe(in *agent.Installed) *agent.Installed {
	if c.merged {
		in.Config = agent.ConfigMerge
	}
	in.ConfigWarning = c.warning
	return in
}

// mergeConfig merges properties into the agent's configuration, which has been
// rid of links. It comes after that since only then all is known that may not be
// in it. What cannot be merged is no error: the agent's own settings stay.
func mergeConfig(root *os.Root, properties []agent.Property, scanner *scan.Scanner) (config, error) {
	own, err := manifest.ReadFile(root, moduleconfig.File, links.MaxFile)
	switch {
	case errors.Is(err, fs.ErrNotExist) && len(properties) > 0:
		return config{warning: "the agent has no " + moduleconfig.File}, nil
	case errors.Is(err, fs.ErrNotExist):
		return config{}, nil
	case err != nil:
		return config{}, err
	case len(properties) == 0:
		return config{merged: moduleconfig.IsMerge(own)}, nil
	}
	kept, leftOut, err := moduleconfig.Filter(properties, scanner)
	if err != nil {
		return config{warning: err.Error()}, nil //nolint:nilerr // the warning has it
	}
	out := config{merged: true, changed: true}
	if len(leftOut) > 0 {
		out.warning = moduleconfig.LeftOut(leftOut)
	}
	merged, err := moduleconfig.Merge(own, kept)
	if err != nil {
		return config{warning: err.Error()}, nil //nolint:nilerr // the warning has it
	}
	return out, replaceListed(root, moduleconfig.File, merged)
}

// replaceListed replaces a file and its checksum in the manifest.
func replaceListed(root *os.Root, name string, content []byte) error {
	m, raw, err := manifest.Read(root)
	if err != nil {
		return err
	}
	if err := replaceFile(root, name, content); err != nil {
		return err
	}
	return replaceFile(root, manifest.File, withChecksum(m, raw, name, content))
}

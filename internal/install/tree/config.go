package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/links"
	"github.com/org/dt-frontend/internal/agent/manifest"
	"github.com/org/dt-frontend/internal/agent/moduleconfig"
	"github.com/org/dt-frontend/internal/scan"
)

// config is what became of the agent's configuration.
type config struct {
	// merged says that an environment's is in it.
	merged bool
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
		return config{warning: moduleconfig.Reason(err, leftOut)}, nil //nolint:nilerr // the warning has it
	}
	out := config{merged: true, warning: moduleconfig.DescribeOmissions(leftOut)}
	merged, err := moduleconfig.Merge(own, kept)
	if err != nil {
		return config{warning: err.Error()}, nil //nolint:nilerr // the warning has it
	}
	return out, replaceFile(root, moduleconfig.File, merged)
}

// configure merges what the environment says into the agent's configuration, and
// then writes what the build asks for.
func (c *cleaning) configure(scanner *scan.Scanner) (config, error) {
	cfg, err := mergeConfig(c.root, c.options.Config, scanner)
	if err != nil || c.options.Spec.HostGroup == "" {
		return cfg, err
	}
	return cfg, setHostGroup(c.root, c.options.Spec.HostGroup, scanner)
}

// setHostGroup writes a host group into the agent's configuration, which has
// none any more.
func setHostGroup(root *os.Root, group string, scanner *scan.Scanner) error {
	if found := scanner.String(group); len(found) > 0 {
		return fmt.Errorf("invalid host-group: it holds the %s, which an image may not have", found[0].Kind)
	}
	own, err := manifest.ReadFile(root, moduleconfig.File, links.MaxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the agent has no %s to write the host group into", moduleconfig.File)
	}
	if err != nil {
		return err
	}
	text, err := moduleconfig.SetHostGroup(own, group)
	if err != nil {
		return err
	}
	return replaceFile(root, moduleconfig.File, text)
}

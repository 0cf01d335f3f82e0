package install

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/moduleconfig"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/install/secret"
	"github.com/org/dt-frontend/internal/scan"
)

// configTimeout bounds the question for the process-module configuration. A
// build can do without, so it waits less than for what it needs.
const configTimeout = 5 * time.Second

// configAnswer is the environment's process-module configuration, or why there
// is none.
type configAnswer struct {
	*agent.ModuleConfig
	err error
}

// askConfig asks for the process-module configuration, where that is wanted,
// beside whatever the caller does next.
func (s *resolveStep) askConfig(ctx context.Context, client *deploy.Client) <-chan configAnswer {
	out := make(chan configAnswer, 1)
	if !s.config {
		return out
	}
	go func() {
		ctx, cancel := context.WithTimeout(ctx, configTimeout)
		defer cancel()
		c, err := client.ProcessModuleConfig(ctx, s.group)
		out <- configAnswer{c, err}
	}()
	return out
}

// writeConfig leaves of an environment's process-module configuration what an
// image may hold, values being what it may not. A failure is a warning: then
// nothing is merged.
func (s *resolveStep) writeConfig(asked <-chan configAnswer, secrets secret.Set, values []scan.Value) error {
	if !s.config {
		return nil
	}
	left, warning := filterConfig(<-asked, values)
	if warning != "" {
		hide := secret.NewRedactor(secrets)
		hide.Add(values...)
		s.report.Warnings = append(s.report.Warnings, hide.Line(warning))
	}
	dir := filepath.Join(s.out, agent.ConfigDir)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("making a folder for the configuration: %w", err)
	}
	return writeJSON(dir, agent.ConfigFile, left)
}

// filterConfig returns what an image may hold of an answer, and a warning if
// that is not all.
func filterConfig(answer configAnswer, values []scan.Value) (agent.ModuleConfig, string) {
	var (
		left    agent.ModuleConfig
		leftOut []moduleconfig.Omission
		err     = answer.err
	)
	if err == nil {
		left.Revision = answer.Revision
		left.Properties, leftOut, err = moduleconfig.Filter(answer.Properties, scan.New(values))
	}
	switch {
	case err != nil:
		why := "the environment's process-module configuration: " + moduleconfig.Reason(err, leftOut)
		return agent.ModuleConfig{}, moduleconfig.NotMerged(why)
	case len(leftOut) > 0:
		return left, moduleconfig.Warning(moduleconfig.DescribeOmissions(leftOut))
	}
	return left, ""
}

// moduleConfig returns what resolve left to merge, or nothing where that was
// not asked for.
func (s *installStep) moduleConfig() (c agent.ModuleConfig, err error) {
	if s.config != "" {
		err = readJSON(s.config, &c)
	}
	return c, err
}

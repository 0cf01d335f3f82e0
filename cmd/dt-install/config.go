package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/moduleconfig"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/secret"
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

// askConfig asks for the process-module configuration, beside whatever the
// caller does next.
func askConfig(ctx context.Context, secrets secret.Set) chan configAnswer {
	out := make(chan configAnswer, 1)
	go func() {
		ctx, cancel := context.WithTimeout(ctx, configTimeout)
		defer cancel()
		var a configAnswer
		var client *deploy.Client
		if client, a.err = secrets.Client(); a.err == nil {
			a.ModuleConfig, a.err = client.ProcessModuleConfig(ctx)
		}
		out <- a
	}()
	return out
}

// writeConfig leaves of an environment's process-module configuration what an
// image may hold, and returns warnings. A failure is one of them: then nothing is
// merged.
func writeConfig(out string, answer configAnswer, secrets secret.Set, connection *deploy.ConnectionInfo) ([]string, error) {
	values, err := forbidden(secrets, connection, "")
	if err != nil {
		return nil, err
	}
	var (
		left    agent.ModuleConfig
		leftOut []string
		warning string
	)
	if err = answer.err; err == nil {
		left.Revision = answer.Revision
		left.Properties, leftOut, err = moduleconfig.Filter(answer.Properties, scan.New(values))
	}
	switch {
	case err != nil:
		left = agent.ModuleConfig{}
		warning = moduleconfig.Warning(fmt.Errorf("the environment's process-module configuration: %w", err).Error(), false)
	case len(leftOut) > 0:
		warning = moduleconfig.Warning(moduleconfig.LeftOut(leftOut), true)
	}
	dir := filepath.Join(out, agent.ConfigDir)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making a folder for the configuration: %w", err)
	}
	if err := writeJSON(dir, agent.ConfigFile, left); err != nil {
		return nil, err
	}
	if warning == "" {
		return nil, nil
	}
	return []string{scan.Hide(secrets.Redact(warning), values)}, nil
}

// moduleConfig returns what resolve left to merge, or nothing where that was
// not asked for.
func (s *installStep) moduleConfig() (c agent.ModuleConfig, err error) {
	if s.config != "" {
		err = readJSON(s.config, &c)
	}
	return c, err
}

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/fetch"
	"github.com/org/dt-frontend/internal/secret"
)

// resolveTimeout bounds all that is asked. Every build waits for the answer, so
// a cluster that cannot be reached has to be an error soon.
const resolveTimeout = 8 * time.Second

// resolve leaves a folder with agent.json for each agent, and a report. A
// failure of the cluster is in the report only: the step itself did its work.
func resolve(ctx context.Context, args []string, _, stderr io.Writer) error {
	fs := flag.NewFlagSet("resolve", flag.ContinueOnError)
	out := fs.String("out", "/out", "`folder` for the answer")
	dir := fs.String("secrets", agent.SecretsDir, "`folder` of secrets, a file each")
	var specs specList
	fs.Var(&specs, "agent", "`arch/flavor[/version[/pinned]]` to ask for; repeatable")
	zone := fs.String("network-zone", "", "network `zone`")
	config := fs.Bool("config", false, "ask for the process-module configuration, too")
	if err := parse(fs, args, stderr); err != nil {
		return err
	}
	secrets, err := secret.Load(*dir)
	if err != nil {
		return reportFailure(*out, secrets, err)
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	unavailable, why, err := writeResolved(ctx, *out, secrets, specs, *zone, *config)
	if err != nil {
		fmt.Fprintln(stderr, reportFailure(*out, secrets, err))
		return nil
	}
	return writeJSON(*out, agent.ReportFile, agent.Report{Unavailable: unavailable, Warnings: append(warnings(secrets), why...)})
}

// writeResolved leaves agent.json for each agent that there is, and the
// configuration if that is asked for. It returns why there are no other agents,
// and warnings.
func writeResolved(ctx context.Context, out string, secrets secret.Set, specs []agent.Spec, zone string, config bool) (map[string]string, []string, error) {
	way, err := fetch.CurrentWay()
	if err != nil {
		return nil, nil, err
	}
	var asked chan configAnswer
	if config {
		asked = askConfig(ctx, secrets)
	}
	answer, err := fetch.Resolve(ctx, secrets, way, specs, zone)
	if err != nil {
		return nil, nil, err
	}
	for key, r := range answer.Resolved {
		dir := filepath.Join(out, key)
		if err := os.Mkdir(dir, 0o700); err != nil {
			return nil, nil, fmt.Errorf("making a folder for the answer: %w", err)
		}
		if err := writeJSON(dir, agent.ResolvedFile, r); err != nil {
			return nil, nil, err
		}
	}
	unavailable := map[string]string{}
	for key, err := range answer.Unavailable {
		unavailable[key] = secrets.Redact(err.Error())
	}
	if !config {
		return unavailable, nil, nil
	}
	why, err := writeConfig(out, <-asked, secrets, answer.Connection)
	return unavailable, why, err
}

// warnings tells what is allowed but unwise.
func warnings(secrets secret.Set) []string {
	if c, err := secrets.Credentials(); err == nil && c.InsecureHTTP() {
		return []string{"DT_API_URL is plain http: the API token travels unencrypted"}
	}
	return nil
}

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/fetch"
	"github.com/org/dt-frontend/internal/secret"
)

// resolveTimeout bounds what is asked, all at the same time. Every build waits
// for the answer, so a cluster that cannot be reached has to be an error soon.
// One that says when it answers again is waited for.
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
	if err := parse(fs, args, stderr); err != nil {
		return err
	}
	secrets, err := secret.Load(*dir)
	if err != nil {
		return reportFailure(*out, secrets, err)
	}
	unavailable, err := writeResolved(ctx, *out, secrets, specs, *zone, stderr)
	if err != nil {
		fmt.Fprintln(stderr, reportFailure(*out, secrets, err))
		return nil
	}
	return writeJSON(*out, agent.ReportFile, agent.Report{Unavailable: unavailable, Warnings: warnings(secrets)})
}

// writeResolved leaves agent.json for each agent that there is, and returns why
// there are no others.
func writeResolved(ctx context.Context, out string, secrets secret.Set, specs []agent.Spec, zone string, log io.Writer) (map[string]string, error) {
	way, err := fetch.CurrentWay()
	if err != nil {
		return nil, err
	}
	client, err := patient(secrets, resolveTimeout, log)
	if err != nil {
		return nil, err
	}
	answer, err := fetch.Resolve(ctx, client, secrets, way, specs, zone)
	if err != nil {
		return nil, err
	}
	for key, r := range answer.Resolved {
		dir := filepath.Join(out, key)
		if err := os.Mkdir(dir, 0o700); err != nil {
			return nil, fmt.Errorf("making a folder for the answer: %w", err)
		}
		if err := writeJSON(dir, agent.ResolvedFile, r); err != nil {
			return nil, err
		}
	}
	unavailable := map[string]string{}
	for key, err := range answer.Unavailable {
		unavailable[key] = secrets.Redact(err.Error())
	}
	return unavailable, nil
}

// warnings tells what is allowed but unwise.
func warnings(secrets secret.Set) []string {
	if c, err := secrets.Credentials(); err == nil && c.InsecureHTTP() {
		return []string{"DT_API_URL is plain http: the API token travels unencrypted"}
	}
	return nil
}

// patient returns a client that waits where the cluster limits requests, and
// says so.
func patient(secrets secret.Set, timeout time.Duration, log io.Writer) (*deploy.Client, error) {
	return secrets.ClientWith(deploy.Options{
		Timeout:  timeout,
		Patience: deploy.Patience,
		Waiting: func(d time.Duration) {
			fmt.Fprintf(log, "the cluster limits requests: waiting %.0f s\n", math.Ceil(d.Seconds()))
		},
	})
}

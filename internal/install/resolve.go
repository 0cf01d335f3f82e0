package install

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/install/secret"
	"github.com/org/dt-frontend/internal/install/supply"
)

// resolveTimeout bounds what is asked, all at the same time. Every build waits
// for the answer, so a cluster that cannot be reached has to be an error soon.
// One that says when it answers again is waited for.
const resolveTimeout = 8 * time.Second

// resolveStep is the resolve command.
type resolveStep struct {
	out    string
	specs  specList
	zone   string
	config bool
	group  string
	log    io.Writer
	report agent.Report
}

// resolve leaves a folder with agent.json for each agent, and a report. A
// failure of the cluster is in the report only: the step itself did its work.
func resolve(ctx context.Context, args []string, _, stderr io.Writer) error {
	s := resolveStep{log: stderr}
	fs := flag.NewFlagSet("resolve", flag.ContinueOnError)
	fs.StringVar(&s.out, "out", "/out", "`folder` for the answer")
	dir := fs.String("secrets", agent.SecretsDir, "`folder` of secrets, a file each")
	fs.Var(&s.specs, "agent", "`arch/flavor[/version[/pinned]]` to ask for; repeatable")
	fs.StringVar(&s.zone, "network-zone", "", "network `zone`")
	fs.BoolVar(&s.config, "config", false, "ask for the process-module configuration, too")
	fs.StringVar(&s.group, "host-group", "", "host `group` that this configuration is for")
	if err := parse(fs, args, stderr); err != nil {
		return err
	}
	secrets, err := secret.Load(*dir)
	if err != nil {
		return reportFailure(s.out, secrets, err)
	}
	s.report.Warnings = warnings(secrets)
	if err := s.resolve(ctx, secrets); err != nil {
		fmt.Fprintln(stderr, reportFailure(s.out, secrets, err))
		return nil
	}
	return writeJSON(s.out, agent.ReportFile, s.report)
}

// resolve asks the cluster, and leaves what it says. The agent's certificates,
// too, are looked through for what the cluster says about itself.
func (s *resolveStep) resolve(ctx context.Context, secrets secret.Set) error {
	bundle, err := agentCA(secrets)
	if err != nil {
		return err
	}
	if _, err := installerCA(secrets); err != nil {
		return err
	}
	env, err := supply.CurrentNetworkEnv()
	if err != nil {
		return err
	}
	client, err := newRetryingClient(secrets, resolveTimeout, s.log)
	if err != nil {
		return err
	}
	config := s.askConfig(ctx, client)
	answer, err := supply.Resolve(ctx, client, secrets, env, s.specs, s.zone)
	if err != nil {
		return err
	}
	s.compareTenant(answer.Connection, secrets)
	values, err := forbiddenValues(secrets, answer.Connection, "")
	if err != nil {
		return err
	}
	if err := writeCertificates(s.out, bundle, values, &s.report); err != nil {
		return err
	}
	if err := s.writeConfig(config, secrets, values); err != nil {
		return err
	}
	return s.writeAgents(answer, secrets)
}

// compareTenant warns of an environment that is another than DT_TENANT says.
// The build goes by what the cluster answers, so that this harms no image: but
// one of the secrets is not what its giver thinks it is.
func (s *resolveStep) compareTenant(info *deploy.ConnectionInfo, secrets secret.Set) {
	if c, err := secrets.Credentials(); err == nil && !strings.EqualFold(c.Tenant(), info.Tenant) {
		s.report.Warnings = append(s.report.Warnings, agent.SecretAPIURL+" leads to another environment than the one that "+agent.SecretTenant+" names: the agent is that environment's; check both")
	}
}

// writeAgents leaves agent.json for each agent that there is, and notes why
// there are no others.
func (s *resolveStep) writeAgents(answer *supply.Answer, secrets secret.Set) error {
	for key, r := range answer.Resolved {
		dir := filepath.Join(s.out, key)
		if err := os.Mkdir(dir, 0o700); err != nil {
			return fmt.Errorf("making a folder for the answer: %w", err)
		}
		if err := writeJSON(dir, agent.ResolvedFile, r); err != nil {
			return err
		}
	}
	hide := secret.NewRedactor(secrets)
	s.report.Unavailable = map[string]string{}
	for key, err := range answer.Unavailable {
		s.report.Unavailable[key] = hide.Line(err.Error())
	}
	return nil
}

// warnings tells what is allowed but unwise.
func warnings(secrets secret.Set) []string {
	if c, err := secrets.Credentials(); err == nil && c.InsecureHTTP() {
		return []string{agent.SecretAPIURL + " is plain http: the API token travels unencrypted"}
	}
	return nil
}

// newRetryingClient returns a client that waits where the cluster limits requests, and
// says so.
func newRetryingClient(secrets secret.Set, timeout time.Duration, log io.Writer) (*deploy.Client, error) {
	return secrets.ClientWith(deploy.Options{
		Timeout:  timeout,
		Patience: deploy.Patience,
		OnWait: func(d time.Duration) {
			fmt.Fprintf(log, "the cluster limits requests: waiting %.0f s\n", math.Ceil(d.Seconds()))
		},
	})
}

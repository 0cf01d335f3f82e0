package install

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy/authority"
	"github.com/org/dt-frontend/internal/install/secret"
	"github.com/org/dt-frontend/internal/scan"
)

// trust leaves the certificates that the agent is to trust, if the build
// was given any, and a report. What is wrong with them is in the report only:
// the step itself did its work.
func trust(_ context.Context, args []string, _, stderr io.Writer) error {
	fs := flag.NewFlagSet("trust", flag.ContinueOnError)
	out := fs.String("out", "/out", "`folder` for what the step leaves")
	dir := fs.String("secrets", agent.SecretsDir, "`folder` of secrets, a file each")
	if err := parse(fs, args, stderr); err != nil {
		return err
	}
	secrets, err := secret.Load(*dir)
	var report agent.Report
	if err == nil {
		err = takeCertificates(*out, secrets, secretValues(secrets), &report)
	}
	if err != nil {
		fmt.Fprintln(stderr, reportFailure(*out, secrets, err))
		return nil
	}
	return writeJSON(*out, agent.ReportFile, report)
}

// takeCertificates leaves the certificates that secrets have for the agent, if
// any, in a folder for the image, and notes them in report. Values may not be in
// them.
func takeCertificates(dir string, secrets secret.Set, values []scan.Value, report *agent.Report) error {
	bundle, err := agentCA(secrets)
	if err != nil {
		return err
	}
	return writeCertificates(dir, bundle, values, report)
}

// agentCA returns the certificates that the agent is to trust, or none.
func agentCA(secrets secret.Set) (authority.Bundle, error) {
	text := secrets.Get(agent.SecretAgentCA)
	if text == "" {
		return nil, nil
	}
	bundle, err := authority.Parse([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("invalid %s: %w", agent.SecretAgentCA, err)
	}
	return bundle, nil
}

// writeCertificates leaves bundle in a folder for the image, unless one of
// values is in there, and notes it in report.
func writeCertificates(dir string, bundle authority.Bundle, values []scan.Value, report *agent.Report) error {
	if len(bundle) == 0 {
		return nil
	}
	if found := bundle.Find(scan.New(values)); len(found) > 0 {
		return fmt.Errorf("invalid %s: a certificate in it holds the %s, which may be in no image: pass the certificate of an authority that names no environment and no server of one, or mount yours at run time",
			agent.SecretAgentCA, found[0].Kind)
	}
	dt := bundle.PEM()
	name := filepath.Join(dir, agent.CAFile)
	if err := os.WriteFile(name, dt, 0o644); err != nil {
		return fmt.Errorf("writing the agent's certificates: %w", err)
	}
	// Whatever the umask is: the mode is in the layer.
	if err := os.Chmod(name, 0o644); err != nil {
		return fmt.Errorf("writing the agent's certificates: %w", err)
	}
	sum := sha256.Sum256(dt)
	report.CA = "sha256:" + hex.EncodeToString(sum[:])
	if n := bundle.Expired(time.Now()); n > 0 {
		report.Warnings = append(report.Warnings, fmt.Sprintf("%d of %d certificates in %s have expired: the agent trusts nothing by them",
			n, len(bundle), agent.SecretAgentCA))
	}
	return nil
}

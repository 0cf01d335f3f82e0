package install

import (
	"context"
	"crypto/x509"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/deploy/authority"
	"github.com/org/dt-frontend/internal/install/secret"
	"github.com/org/dt-frontend/internal/install/supply"
)

// download leaves the installer and the environment's links, sealed, and the
// installer's digest.
func download(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var s step
	fs := flag.NewFlagSet("download", flag.ContinueOnError)
	s.register(fs)
	s.registerInstaller(fs)
	fs.StringVar(&s.spec.NetworkZone, "network-zone", "", "network `zone`")
	fs.StringVar(&s.spec.Checksum, "checksum", "", "`digest` that the installer has to have, as sha256:…")
	if err := parse(fs, args, stderr); err != nil {
		return err
	}
	h, err := s.handover()
	if err != nil {
		return reportFailure(s.out, secret.Set{}, err)
	}
	if err := s.download(ctx, h, stdout); err != nil {
		return reportFailure(s.out, h.Secrets, err)
	}
	return nil
}

func (s *step) download(ctx context.Context, h *supply.Handover, log io.Writer) error {
	// Before anything is sent.
	if err := h.VerifyNetworkEnv(); err != nil {
		return err
	}
	secrets := h.Secrets
	client, err := newRetryingClient(secrets, deploy.DefaultTimeout, log)
	if err != nil {
		return err
	}
	if err := s.sealConnection(ctx, client, h); err != nil {
		return err
	}
	authorities, err := installerCA(secrets)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(s.out, agent.InstallerFile), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o644)
	if err != nil {
		return fmt.Errorf("making a file for the installer: %w", err)
	}
	defer file.Close()
	d, err := supply.Download(ctx, client, supply.Target{
		Spec: s.spec, Version: h.Version, File: file, Secret: secrets.Get(agent.SecretAPIToken), Authorities: authorities,
	}, log)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("writing the installer: %w", err)
	}
	d.Time = time.Now().UTC()
	fmt.Fprintf(log, "installer: %d bytes, sha256:%s\n", d.Bytes, d.SHA256)
	if d.Signed {
		fmt.Fprintln(log, "its signature is verified by", agent.SecretInstallerCA)
	}
	if d.Cluster == agent.ChecksumEqual {
		fmt.Fprintln(log, "the digest is", d.Cluster)
	}
	return writeJSON(s.out, agent.DownloadedFile, d)
}

// installerCA returns the authorities that must vouch for the signer of the
// installer, or nil if the installer may be unsigned.
func installerCA(secrets secret.Set) (*x509.CertPool, error) {
	text := secrets.Get(agent.SecretInstallerCA)
	if text == "" {
		return nil, nil
	}
	bundle, err := authority.Parse([]byte(text))
	if err != nil {
		return nil, &authorityError{err}
	}
	pool := x509.NewCertPool()
	bundle.AddTo(pool)
	return pool, nil
}

// authorityError reports that no signature can be verified.
type authorityError struct{ err error }

// Error names the secret.
func (e *authorityError) Error() string {
	return fmt.Sprintf("invalid %s: %v", agent.SecretInstallerCA, e.err)
}

// sealConnection asks for the environment's links, and leaves them sealed.
func (s *step) sealConnection(ctx context.Context, client *deploy.Client, h *supply.Handover) error {
	info, err := client.ConnectionInfo(ctx, s.spec.NetworkZone, h.Version)
	if err != nil {
		return err
	}
	connection := &supply.Connection{Info: *info}
	if err := h.Verify(connection); err != nil {
		return err
	}
	sealed, err := connection.Seal(h.Secrets.Get(agent.SecretAPIToken))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.out, agent.ConnectionFile), sealed, 0o400); err != nil {
		return fmt.Errorf("writing the sealed links: %w", err)
	}
	return nil
}

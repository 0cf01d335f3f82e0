package install

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/install/secret"
	"github.com/org/dt-frontend/internal/install/supply"
	"github.com/org/dt-frontend/internal/install/tree"
)

// rehearse downloads an agent and installs it into a folder that is gone
// afterwards, as a build would, and says what came of it.
func rehearse(ctx context.Context, secrets secret.Set, spec agent.Spec, version string, log io.Writer) (*agent.Installed, error) {
	work, err := os.MkdirTemp("", "dt-install-")
	if err != nil {
		return nil, fmt.Errorf("making a folder to work in: %w", err)
	}
	defer os.RemoveAll(work)
	// The installer's user looks into what is below.
	if err := os.Chmod(work, 0o755); err != nil {
		return nil, fmt.Errorf("making a folder to work in: %w", err)
	}
	client, err := newRetryingClient(secrets, deploy.DefaultTimeout, log)
	if err != nil {
		return nil, err
	}
	info, err := client.ConnectionInfo(ctx, spec.NetworkZone, version)
	if err != nil {
		return nil, err
	}
	values, err := forbiddenValues(secrets, info, "")
	if err != nil {
		return nil, err
	}
	s := installStep{step: step{spec: spec}, prefix: filepath.Join(work, "prefix"), tmp: filepath.Join(work, "tmp"), installer: work}
	for _, dir := range []string{s.prefix, s.tmp} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return nil, fmt.Errorf("making a folder to work in: %w", err)
		}
	}
	downloaded, err := downloadSealed(ctx, secrets, spec, version, filepath.Join(work, agent.InstallerFile), log)
	if err != nil {
		return nil, err
	}
	if err := s.unpack(ctx, secrets.Get(agent.SecretAPIToken)); err != nil {
		return nil, s.explain(err, secrets, &supply.Connection{Info: *info}, log)
	}
	installed, err := cleanPrefix(ctx, s.prefix, tree.Options{Spec: spec, Version: version, Values: values})
	if err != nil {
		return nil, err
	}
	installed.Installer, installed.Cluster, installed.Signed = downloaded.SHA256, downloaded.Cluster, downloaded.Signed
	return installed, nil
}

// downloadSealed downloads an installer into a file, sealed as in a build.
func downloadSealed(ctx context.Context, secrets secret.Set, spec agent.Spec, version, name string, log io.Writer) (*agent.Downloaded, error) {
	client, err := newRetryingClient(secrets, deploy.DefaultTimeout, log)
	if err != nil {
		return nil, err
	}
	authorities, err := installerCA(secrets)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("making a file for the installer: %w", err)
	}
	defer file.Close()
	d, err := supply.Download(ctx, client, supply.Target{
		Spec: spec, Version: version, File: file, Secret: secrets.Get(agent.SecretAPIToken), Authorities: authorities,
	}, log)
	if err != nil {
		return nil, err
	}
	return d, file.Close()
}

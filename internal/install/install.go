package install

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/install/seal"
	"github.com/org/dt-frontend/internal/install/secret"
	"github.com/org/dt-frontend/internal/install/supply"
	"github.com/org/dt-frontend/internal/install/tree"
	"github.com/org/dt-frontend/internal/untrusted/archive"
	"github.com/org/dt-frontend/internal/untrusted/installer"
)

// installStep is the install command.
type installStep struct {
	step
	installer string
	prefix    string
	tree      string
	tmp       string
	config    string
}

// Names in the folder for scratch files.
const (
	plainFile     = "installer" // in the clear
	scratchFolder = "scratch"   // the installer's own
)

// install leaves a clean agent and a description of it.
func install(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var s installStep
	fs := flag.NewFlagSet("install", flag.ContinueOnError)
	s.register(fs)
	s.registerInstaller(fs)
	s.registerFIPS(fs)
	fs.StringVar(&s.installer, "installer", "/run/installer", "`folder` that the download step left")
	fs.StringVar(&s.prefix, "prefix", agent.Prefix, "`folder` to install into")
	fs.StringVar(&s.tree, "tree", "/agent", "`folder` for the clean agent")
	fs.StringVar(&s.spec.HostGroup, "host-group", "", "host `group` to write into the agent's configuration")
	fs.StringVar(&s.config, "config", "", "`file` with what is merged into the agent's configuration, which the resolve step left")
	fs.StringVar(&s.tmp, "tmp", "/tmp", "`folder` for scratch files")
	if err := parse(fs, args, stderr); err != nil {
		return err
	}
	h, err := s.handover()
	if err != nil {
		return reportFailure(s.out, secret.Set{}, err)
	}
	var downloaded agent.Downloaded
	if err := readJSON(filepath.Join(s.installer, agent.DownloadedFile), &downloaded); err != nil {
		return reportFailure(s.out, h.Secrets, err)
	}
	connection, err := s.connection(h)
	var installed *agent.Installed
	if err == nil {
		installed, err = s.install(ctx, h, connection)
	}
	if err != nil {
		failure := s.explain(err, h.Secrets, connection, stderr)
		// For the frontend to tell whether another try is worth it.
		return writeReport(s.out, agent.Report{
			Failure: failure.Error(), Cause: causeOf(err), Downloaded: downloaded.Time,
		}, failure)
	}
	installed.Installer, installed.Cluster, installed.Signed = downloaded.SHA256, downloaded.Cluster, downloaded.Signed
	printSummary(stdout, installed)
	if installed.Config != "" {
		fmt.Fprintf(stdout, "the environment's process-module configuration, revision %d, is merged into the agent's own\n", installed.ConfigRevision)
	}
	return writeJSON(s.out, agent.InstalledFile, installed)
}

// connection opens what the download step sealed. If that was another build with
// another API token the error wraps [seal.ErrSecret].
func (s *installStep) connection(h *supply.Handover) (*supply.Connection, error) {
	sealed, err := os.ReadFile(filepath.Join(s.installer, agent.ConnectionFile))
	if err != nil {
		return nil, fmt.Errorf("reading the sealed links: %w", err)
	}
	connection, err := supply.OpenConnection(sealed, h.Secrets.Get(agent.SecretAPIToken))
	if err != nil {
		return nil, fmt.Errorf("opening the download that the builder holds: %w; build once with --no-cache-filter=dynatrace", err)
	}
	return connection, nil
}

// unseal writes the installer in the clear, for the time of this step.
func (s *installStep) unseal(apiToken string) (string, error) {
	sealed, err := os.Open(filepath.Join(s.installer, agent.InstallerFile))
	if err != nil {
		return "", fmt.Errorf("opening the installer: %w", err)
	}
	defer sealed.Close()
	r, err := seal.NewReader(sealed, apiToken)
	if err != nil {
		return "", fmt.Errorf("opening the installer: %w", err)
	}
	name := filepath.Join(s.tmp, plainFile)
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return "", fmt.Errorf("opening the installer: %w", err)
	}
	defer f.Close()
	if _, err := io.Copy(f, r); err != nil {
		return "", fmt.Errorf("opening the installer: %w", err)
	}
	return name, f.Close()
}

func (s *installStep) install(ctx context.Context, h *supply.Handover, connection *supply.Connection) (_ *agent.Installed, err error) {
	resolved, err := s.answer()
	if err != nil {
		return nil, err
	}
	if err := h.Verify(connection); err != nil {
		return nil, err
	}
	values, err := forbiddenValues(h.Secrets, &connection.Info, resolved.Fingerprint())
	if err != nil {
		return nil, err
	}
	config, err := s.moduleConfig()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(s.checkRoom(err), s.removeScratch(err != nil)) }()
	if err := s.unpack(ctx, h.Secrets.Get(agent.SecretAPIToken)); err != nil {
		return nil, err
	}
	root, err := openAgent(s.prefix)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	installed, err := tree.Clean(ctx, root, tree.Options{Spec: s.spec, Version: h.Version, Values: values, Config: config.Properties})
	if err != nil {
		return nil, err
	}
	if installed.Config != "" {
		installed.ConfigRevision = config.Revision
	}
	return installed, tree.Copy(ctx, root, filepath.Join(s.tree, agent.Suffix))
}

// unpack leaves below the prefix what the sealed installer holds.
func (s *installStep) unpack(ctx context.Context, apiToken string) error {
	file, err := s.unseal(apiToken)
	if err != nil {
		return err
	}
	if s.spec.Archive {
		return s.unpackArchive(ctx, file)
	}
	return s.runScript(ctx, file)
}

// runScript lets the vendor's script install below the prefix.
func (s *installStep) runScript(ctx context.Context, script string) error {
	// A folder of its own: the rest of tmp stays root's.
	scratch := filepath.Join(s.tmp, scratchFolder)
	if err := os.Mkdir(scratch, 0o755); err != nil {
		return fmt.Errorf("making room for the installer: %w", err)
	}
	return installer.Run(ctx, installer.Call{
		Script: script, Prefix: s.prefix, Makes: agent.Suffix, Tmp: scratch, Machine: s.spec.Arch.Foreign(), FailedBefore: s.failedBefore(),
	})
}

// unpackArchive unpacks the vendor's zip archive to where its script would
// install.
func (s *installStep) unpackArchive(ctx context.Context, name string) error {
	file, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("opening the installer: %w", err)
	}
	defer file.Close()
	dir := filepath.Join(s.prefix, agent.Suffix)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making room for the agent: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("making room for the agent: %w", err)
	}
	defer root.Close()
	return archive.Unpack(ctx, file, root)
}

// removeScratch removes what may hold links: the installer in the clear and its
// scratch files, and where no clean agent came of it all that it has installed.
// All of it lies where nothing is handed on, but in the builder's storage it
// would stay until that is collected as garbage.
func (s *installStep) removeScratch(failed bool) error {
	for _, name := range []string{plainFile, scratchFolder} {
		if err := os.RemoveAll(filepath.Join(s.tmp, name)); err != nil {
			return fmt.Errorf("removing the installer: %w", err)
		}
	}
	if !failed {
		return nil
	}
	prefix, err := os.OpenRoot(s.prefix)
	if err != nil {
		return fmt.Errorf("removing what was installed: %w", err)
	}
	defer prefix.Close()
	return tree.Empty(prefix)
}

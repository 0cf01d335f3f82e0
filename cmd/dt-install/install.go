package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/archive"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/fetch"
	"github.com/org/dt-frontend/internal/installer"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/seal"
	"github.com/org/dt-frontend/internal/secret"
	"github.com/org/dt-frontend/internal/tree"
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
	fs.StringVar(&s.installer, "installer", "/run/installer", "`folder` that the download step left")
	fs.StringVar(&s.prefix, "prefix", "/opt", "`folder` to install into")
	fs.StringVar(&s.tree, "tree", "/agent", "`folder` for the clean agent")
	fs.BoolVar(&s.spec.FIPS, "fips", false, "install for FIPS mode")
	fs.StringVar(&s.config, "config", "", "`file` with what is merged into the agent's configuration, which the resolve step left")
	fs.StringVar(&s.tmp, "tmp", "/tmp", "`folder` for scratch files")
	if err := parse(fs, args, stderr); err != nil {
		return err
	}
	secrets, err := secret.Load(s.secrets)
	if err != nil {
		return reportFailure(s.out, secrets, err)
	}
	var downloaded agent.Downloaded
	if err := readJSON(filepath.Join(s.installer, agent.DownloadedFile), &downloaded); err != nil {
		return reportFailure(s.out, secrets, err)
	}
	links, err := s.links(secrets)
	var installed *agent.Installed
	if err == nil {
		installed, err = s.install(ctx, secrets, links)
	}
	if err != nil {
		failure := s.explain(err, secrets, links, stderr)
		// For the frontend to tell whether another try is worth it.
		return writeReport(s.out, agent.Report{
			Failure: failure.Error(), Cause: causeOf(err), Downloaded: downloaded.Time,
		}, failure)
	}
	installed.Installer = downloaded.SHA256
	fmt.Fprintf(stdout, "OneAgent %s: no cluster links found in %d files (%d MB)\n", installed.Version, installed.Files, installed.Bytes/1e6)
	if installed.Config != "" {
		fmt.Fprintf(stdout, "the environment's process-module configuration, revision %d, is merged into the agent's own\n", installed.ConfigRevision)
	}
	return writeJSON(s.out, agent.InstalledFile, installed)
}

// links opens what the download step sealed. With another API token than then,
// as after a rotation, that cannot be done; the error wraps [seal.ErrSecret].
func (s *installStep) links(secrets secret.Set) (*fetch.Links, error) {
	// Before anything else, for the message of a missing secret.
	if _, err := secrets.Credentials(); err != nil {
		return nil, err
	}
	sealed, err := os.ReadFile(filepath.Join(s.installer, agent.LinksFile))
	if err != nil {
		return nil, fmt.Errorf("reading the sealed links: %w", err)
	}
	links, err := fetch.OpenLinks(sealed, secrets[agent.SecretAPIToken])
	if err != nil {
		return nil, fmt.Errorf("opening the download that the builder holds: %w; build once with --no-cache-filter=dynatrace", err)
	}
	return links, nil
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

func (s *installStep) install(ctx context.Context, secrets secret.Set, links *fetch.Links) (_ *agent.Installed, err error) {
	resolved, err := s.answer()
	if err != nil {
		return nil, err
	}
	if err := links.Verify(resolved, secrets); err != nil {
		return nil, err
	}
	values, err := forbidden(secrets, &links.Connection, resolved.Fingerprint)
	if err != nil {
		return nil, err
	}
	config, err := s.moduleConfig()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(s.checkRoom(err), s.tidy(err != nil)) }()
	if err := s.unpack(ctx, secrets[agent.SecretAPIToken]); err != nil {
		return nil, err
	}
	root, err := openAgent(s.prefix)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	installed, err := tree.Clean(ctx, root, tree.Wanted{Spec: s.spec, Version: resolved.Version, Values: values, Config: config.Properties})
	if err != nil {
		return nil, err
	}
	if installed.Config != "" {
		installed.ConfigRevision = config.Revision
	}
	return installed, tree.Copy(ctx, root, filepath.Join(s.tree, tree.Folder))
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
		Script: script, Prefix: s.prefix, Tmp: scratch, Machine: s.spec.Arch.Foreign(),
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
	dir := filepath.Join(s.prefix, tree.Folder)
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

// tidy removes what may hold links: the installer in the clear and its scratch
// files, and where no clean agent came of it all that it has installed. All of
// it lies where nothing is handed on, but in the builder's storage it would stay
// until that is collected as garbage.
func (s *installStep) tidy(failed bool) error {
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

// errFull says that a failure is not the installer's.
var errFull = errors.New("no space is left where the builder keeps its data: free some, as `docker builder prune` does, and build again")

// checkRoom adds to err that there is no room, if so. It must be called before
// any is made.
func (s *installStep) checkRoom(err error) error {
	if err == nil || !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EDQUOT) && !installer.Full(s.prefix) {
		return err
	}
	return fmt.Errorf("%w: %w", errFull, err)
}

// explain returns err without any secret or link. What a failed installer
// printed goes to log, and its last line, which says most, into the error.
func (s *installStep) explain(err error, secrets secret.Set, links *fetch.Links, log io.Writer) error {
	hide := secrets.Redact
	if links != nil {
		if values, verr := forbidden(secrets, &links.Connection, ""); verr == nil {
			hide = func(text string) string { return scan.Hide(secrets.Redact(text), values) }
		}
	}
	var failed *installer.Error
	if errors.As(err, &failed) {
		fmt.Fprintln(log, "the installer's output ends with:")
		for line := range strings.Lines(hide(failed.Output)) {
			fmt.Fprintln(log, scan.Printable(strings.TrimRight(line, "\r\n")))
		}
		full := errors.Is(err, errFull)
		if err = withLastLine(failed, hide); full {
			err = fmt.Errorf("%w: %w", errFull, err)
		}
	}
	return errors.New(scan.Printable(hide(err.Error())))
}

// forbidden lists what may be nowhere in an image: fingerprint, too, unless it
// is empty.
func forbidden(secrets secret.Set, links *deploy.ConnectionInfo, fingerprint string) ([]scan.Value, error) {
	c, err := secrets.Credentials()
	if err != nil {
		return nil, err
	}
	out := []scan.Value{
		{Kind: "API token", Value: c.Token},
		{Kind: "environment id", Value: c.Tenant},
		{Kind: "environment id", Value: links.Tenant},
		{Kind: "tenant token", Value: links.TenantToken},
		{Kind: "fingerprint", Value: fingerprint},
	}
	out = append(out, scan.Address("API address", c.URL)...)
	if p := secrets[agent.SecretProxy]; p != "" {
		out = append(out, scan.Address("proxy", p)...)
	}
	for _, e := range links.Endpoints {
		out = append(out, scan.Address("communication endpoint", e)...)
	}
	return out, nil
}

// withLastLine adds the last line that the installer printed, which says most.
// Secrets are hidden before it is cut: nobody would find the half of one.
func withLastLine(failed *installer.Error, hide func(string) string) error {
	err := fmt.Errorf("%w and printed nothing", failed)
	if last := hide(failed.LastLine()); last != "" {
		err = fmt.Errorf("%w; its last line: %.200q", failed, last)
	}
	if failed.Advice != "" {
		err = fmt.Errorf("%w; %s", err, failed.Advice)
	}
	return err
}

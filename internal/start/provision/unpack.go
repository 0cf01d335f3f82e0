package provision

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"syscall"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy/download"
	"github.com/org/dt-frontend/internal/untrusted/archive"
	"github.com/org/dt-frontend/internal/untrusted/installer"
)

// unpack downloads the agent and leaves it in the work folder: by the vendor's
// script where there is a shell, and otherwise, or if an image's tools are not
// enough for it, by the zip.
func (i *installation) unpack(ctx context.Context) error {
	if !i.p.hasShell() {
		return i.unpackArchive(ctx)
	}
	if err := i.download(ctx, download.Script); err != nil {
		return err
	}
	err := i.runScript(ctx)
	switch {
	case err == nil || ctx.Err() != nil:
		return err
	case installer.Full(i.folder.path):
		return fmt.Errorf("%w: %w", err, syscall.ENOSPC)
	}
	i.status.warn(describe(err) + ": the zip archive is taken instead")
	if err := i.folder.root.RemoveAll(path.Join(i.work, prefixDir)); err != nil {
		return fmt.Errorf("removing what the installer left: %w", err)
	}
	return i.unpackArchive(ctx)
}

func (i *installation) runScript(ctx context.Context) error {
	for _, dir := range []string{prefixDir, scratchDir} {
		if err := i.folder.root.Mkdir(path.Join(i.work, dir), 0o755); err != nil {
			return fmt.Errorf("making room for the installer: %w", err)
		}
	}
	i.status.say("installing")
	err := installer.RunAsSelf(ctx, installer.Call{Script: i.path(packedFile), Prefix: i.path(prefixDir), Makes: agent.Suffix, Tmp: i.path(scratchDir)})
	i.discard()
	return err
}

// describe adds the last line that the installer printed, which says most.
func describe(err error) string {
	var failed *installer.Error
	if !errors.As(err, &failed) || failed.LastLine() == "" {
		return err.Error()
	}
	return fmt.Sprintf("%v, its last line: %.200q", failed, failed.LastLine())
}

func (i *installation) unpackArchive(ctx context.Context) error {
	if err := i.download(ctx, download.Archive); err != nil {
		return err
	}
	i.status.say("unpacking")
	dir := path.Join(i.work, vendorDir)
	if err := i.folder.root.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making room for the agent: %w", err)
	}
	root, err := i.folder.root.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("making room for the agent: %w", err)
	}
	defer root.Close()
	file, err := i.folder.root.Open(path.Join(i.work, packedFile))
	if err != nil {
		return fmt.Errorf("opening the archive: %w", err)
	}
	defer file.Close()
	err = archive.Unpack(ctx, file, root)
	i.discard()
	return err
}

// discard makes room as soon as what was downloaded is not needed any more.
func (i *installation) discard() {
	_ = i.folder.root.Remove(path.Join(i.work, packedFile))
}

// download writes an installer to the work folder.
func (i *installation) download(ctx context.Context, kind download.Kind) error {
	file, err := i.folder.root.OpenFile(path.Join(i.work, packedFile), os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("writing the installer: %w", err)
	}
	defer file.Close()
	begin := func() (io.WriteCloser, error) {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		return open{file}, file.Truncate(0)
	}
	r := download.Request{Kind: kind, Spec: i.order.Spec, Version: i.order.Version}
	if _, err := download.Installer(ctx, i.client, r, begin, download.Observer{Progress: i.status.downloaded}); err != nil {
		return err
	}
	return file.Close()
}

// open keeps a file open for another beginning.
type open struct{ io.Writer }

// Close does nothing.
func (open) Close() error { return nil }

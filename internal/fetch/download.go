package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"os"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/download"
	"github.com/org/dt-frontend/internal/seal"
)

// Target is what to download and where to.
type Target struct {
	Spec    agent.Spec
	Version string
	// File gets the installer, sealed with Secret; see the package seal.
	File   *os.File
	Secret string
}

// Download writes the installer to target. Log gets a line now and then.
func Download(ctx context.Context, client *deploy.Client, target Target, log io.Writer) (*agent.Downloaded, error) {
	var sum hash.Hash
	begin := func() (io.WriteCloser, error) {
		if err := rewind(target.File); err != nil {
			return nil, err
		}
		w, err := seal.NewWriter(target.File, target.Secret)
		if err != nil {
			return nil, err
		}
		sum = sha256.New()
		return &hashed{WriteCloser: w, sum: sum}, nil
	}
	n, err := download.Installer(ctx, client,
		download.Request{Kind: download.Script, Spec: target.Spec, Version: target.Version},
		begin, newProgress(log).report)
	if err != nil {
		return nil, err
	}
	return &agent.Downloaded{SHA256: hex.EncodeToString(sum.Sum(nil)), Bytes: n}, nil
}

// hashed hashes what is written through it.
type hashed struct {
	io.WriteCloser
	sum hash.Hash
}

// Write writes to both.
func (h *hashed) Write(b []byte) (int, error) {
	n, err := h.WriteCloser.Write(b)
	h.sum.Write(b[:n])
	return n, err
}

func rewind(file *os.File) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return file.Truncate(0)
}

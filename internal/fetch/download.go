package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
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
	kind := download.Script
	if target.Spec.Archive {
		kind = download.Archive
	}
	request := download.Request{Kind: kind, Spec: target.Spec, Version: target.Version}
	asking, stop := context.WithTimeout(ctx, checksumTimeout)
	defer stop()
	compare := askChecksum(asking, client, request)
	n, err := download.Installer(ctx, client, request, begin, newProgress(log).told())
	if err != nil {
		return nil, err
	}
	got := hex.EncodeToString(sum.Sum(nil))
	if want := target.Spec.Checksum; want != "" && want != "sha256:"+got {
		return nil, &ChecksumError{Spec: target.Spec, Version: target.Version, Got: "sha256:" + got}
	}
	return &agent.Downloaded{SHA256: got, Bytes: n, Cluster: compare(got)}, nil
}

// ChecksumError is an installer that is not the one that was asked for.
type ChecksumError struct {
	Spec    agent.Spec
	Version string
	// Got is the digest that the installer has.
	Got string
}

// Error says what was expected, and what to do.
func (e *ChecksumError) Error() string {
	return fmt.Sprintf("the installer of OneAgent %s (%s, %s, %s) has the digest %s, but checksum says %s: it has changed on the cluster, or on the way. "+
		"Nothing of it was run. If the change is meant, set checksum to the new digest, which dt-install lock prints",
		e.Version, e.Spec.Flavor, e.Spec.Arch, e.Spec.Technologies(), e.Got, e.Spec.Checksum)
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

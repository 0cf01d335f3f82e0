package supply

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/deploy/download"
	"github.com/org/dt-frontend/internal/install/seal"
	"github.com/org/dt-frontend/internal/install/signature"
)

// Target is what to download and where to.
type Target struct {
	Spec    agent.Spec
	Version string
	// File gets the installer, sealed with Secret; see the package seal.
	File   *os.File
	Secret string
	// Authorities vouch for whoever signed the installer. Where they are nil it
	// need not be signed.
	Authorities *x509.CertPool
}

// Download writes the installer to target. Log gets a line now and then.
func Download(ctx context.Context, client *deploy.Client, target Target, log io.Writer) (*agent.Downloaded, error) {
	if target.Authorities != nil && target.Spec.Archive {
		return nil, &SignatureError{Spec: target.Spec, Version: target.Version, Err: errArchive}
	}
	var (
		sum      hash.Hash
		verifier *signature.Verifier
	)
	begin := func() (io.WriteCloser, error) {
		if err := rewind(target.File); err != nil {
			return nil, err
		}
		w, err := seal.NewWriter(target.File, target.Secret)
		if err != nil {
			return nil, err
		}
		sum, verifier = sha256.New(), signature.New()
		read := io.Writer(sum)
		if target.Authorities != nil {
			read = io.MultiWriter(sum, verifier)
		}
		return &teeWriteCloser{WriteCloser: w, to: read}, nil
	}
	kind := download.Script
	if target.Spec.Archive {
		kind = download.Archive
	}
	request := download.Request{Kind: kind, Spec: target.Spec, Version: target.Version}
	asking, stop := context.WithTimeout(ctx, checksumTimeout)
	defer stop()
	compare := askChecksum(asking, client, request)
	n, err := download.Installer(ctx, client, request, begin, newProgress(log).observer())
	if err != nil {
		return nil, err
	}
	got := hex.EncodeToString(sum.Sum(nil))
	if want := target.Spec.Checksum; want != "" && want != "sha256:"+got {
		return nil, &ChecksumError{Spec: target.Spec, Version: target.Version, Got: "sha256:" + got}
	}
	if target.Authorities != nil {
		if err := verifier.Verify(target.Authorities, time.Now()); err != nil {
			return nil, &SignatureError{Spec: target.Spec, Version: target.Version, Err: err}
		}
	}
	return &agent.Downloaded{SHA256: got, Bytes: n, Cluster: compare(got), Signed: target.Authorities != nil}, nil
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
		e.Version, e.Spec.Flavor, e.Spec.Arch, e.Spec.Include, e.Got, e.Spec.Checksum)
}

// SignatureError is an installer without the signature that it has to have.
type SignatureError struct {
	Spec    agent.Spec
	Version string
	// Err says what is wrong with the signature.
	Err error
}

// Error says what to do.
func (e *SignatureError) Error() string {
	return fmt.Sprintf("the installer of OneAgent %s (%s, %s, %s) is refused, since the build has the secret %s: %v. Nothing of it was run",
		e.Version, e.Spec.Flavor, e.Spec.Arch, e.Spec.Include, agent.SecretInstallerCA, e.Err)
}

// Unwrap returns what is wrong with the signature.
func (e *SignatureError) Unwrap() error { return e.Err }

var errArchive = errors.New("the zip archive (installer=paas) has no signature: take installer=paas-sh, or build without the secret")

// teeWriteCloser hands what is written through it to another.
type teeWriteCloser struct {
	io.WriteCloser
	to io.Writer
}

// Write writes to both.
func (c *teeWriteCloser) Write(b []byte) (int, error) {
	n, err := c.WriteCloser.Write(b)
	if _, e := c.to.Write(b[:n]); err == nil {
		err = e
	}
	return n, err
}

func rewind(file *os.File) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return file.Truncate(0)
}

package fetch

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/seal"
)

const (
	// maxInstaller bounds an installer, in bytes. The largest documented has
	// about 700 MB.
	maxInstaller = 4 << 30
	// stallTimeout is how long a download may make no progress.
	stallTimeout = 30 * time.Second
	// attempts is how often a download is begun. The client itself retries
	// what fails before the body; this is for bodies that break off.
	attempts = 3
	// retryDelay is the wait before a download is begun again; it doubles.
	retryDelay = 500 * time.Millisecond
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
	pace := backoff.NewExponentialBackOff()
	pace.InitialInterval = retryDelay
	return backoff.Retry(ctx, func() (*agent.Downloaded, error) {
		d, err := once(ctx, client, target, log)
		var broken *brokenError
		if err != nil && !errors.As(err, &broken) {
			return nil, backoff.Permanent(err)
		}
		return d, err
	}, backoff.WithBackOff(pace), backoff.WithMaxTries(attempts))
}

// brokenError is a body that did not arrive whole.
type brokenError struct {
	cause   string
	got, of int64 // in bytes; of is 0 or less where it is not known
}

// Error says how far it came.
func (e *brokenError) Error() string {
	of := ""
	if e.of > 0 {
		of = fmt.Sprintf(" of %d", e.of)
	}
	return fmt.Sprintf("the download of the installer broke off after %d%s bytes: %s", e.got, of, e.cause)
}

func once(ctx context.Context, client *deploy.Client, target Target, log io.Writer) (*agent.Downloaded, error) {
	spec, version := target.Spec, target.Version
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := rewind(target.File); err != nil {
		return nil, err
	}
	sealed, err := seal.NewWriter(target.File, target.Secret)
	if err != nil {
		return nil, fmt.Errorf("writing the installer: %w", err)
	}
	res, err := client.Get(ctx, "/unix/paas-sh/version/"+url.PathEscape(version), query(spec),
		http.Header{"Accept": {"application/octet-stream"}})
	if err != nil {
		return nil, fmt.Errorf("downloading OneAgent %s (%s, %s, %s): %w", version, spec.Flavor, spec.Arch, spec.Technologies(), err)
	}
	defer res.Body.Close()
	if res.ContentLength > maxInstaller {
		return nil, fmt.Errorf("the cluster's installer has %d bytes; no installer of OneAgent is that large", res.ContentLength)
	}

	watch := newWatchdog(stallTimeout, cancel)
	defer watch.stop()
	body := bufio.NewReader(io.TeeReader(res.Body, watch))
	if err := checkStart(body, res.Header); err != nil {
		return nil, err
	}
	sum := sha256.New()
	prog := newProgress(log, res.ContentLength)
	n, err := io.Copy(io.MultiWriter(sealed, sum, prog), io.LimitReader(body, maxInstaller+1))
	switch {
	case watch.barked():
		return nil, &brokenError{cause: fmt.Sprintf("nothing came for %s", stallTimeout), got: n, of: res.ContentLength}
	case err != nil && ctx.Err() == nil && isRead(err):
		return nil, &brokenError{cause: "the cluster closed the connection", got: n, of: res.ContentLength}
	case err != nil:
		return nil, fmt.Errorf("writing the installer: %w", err)
	case n > maxInstaller:
		return nil, fmt.Errorf("the cluster's installer has more than %d bytes; no installer of OneAgent is that large", int64(maxInstaller))
	}
	if err := sealed.Close(); err != nil {
		return nil, fmt.Errorf("writing the installer: %w", err)
	}
	return &agent.Downloaded{SHA256: hex.EncodeToString(sum.Sum(nil)), Bytes: n}, nil
}

func query(spec agent.Spec) url.Values {
	q := url.Values{
		"flavor":  {string(spec.Flavor)},
		"arch":    {string(spec.Arch)},
		"bitness": {"64"},
		// A request and no more: what links there are all the same is found
		// when the agent is cleaned.
		"skipMetadata": {"true"},
		"include":      spec.Include,
	}
	if len(spec.Include) == 0 {
		q.Set("include", spec.Technologies())
	}
	if spec.NetworkZone != "" {
		q.Set("networkZone", spec.NetworkZone)
	}
	return q
}

// checkStart refuses what is no shell script, before any of it is kept: a
// gateway's login page comes with status 200.
func checkStart(body *bufio.Reader, header http.Header) error {
	start, err := body.Peek(2)
	if err != nil && len(start) == 0 {
		return &brokenError{cause: "the body is empty"}
	}
	if bytes.Equal(start, []byte("#!")) {
		return nil
	}
	what := "something that is no shell script"
	if len(start) > 0 && start[0] == '<' {
		what = "a web page"
	}
	return fmt.Errorf("the cluster answered the request for an installer with %s (Content-Type %.64q): check that DT_API_URL is the address of the API and no login page or proxy stands in between",
		what, header.Get("Content-Type"))
}

func rewind(file *os.File) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("writing the installer: %w", err)
	}
	if err := file.Truncate(0); err != nil {
		return fmt.Errorf("writing the installer: %w", err)
	}
	return nil
}

// isRead tells an error of the connection from one of the disk.
func isRead(err error) bool {
	var pe *os.PathError
	return !errors.As(err, &pe)
}

package download

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/org/dt-frontend/internal/deploy"
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

// Begin makes what an installer is written to anew, for each time that the
// download is begun. It is closed when all is written.
type Begin func() (io.WriteCloser, error)

// Progress is told how far a download is, in bytes; total is 0 or less where
// it is not known.
type Progress func(done, total int64)

// Installer fetches what r asks for, and returns its size.
func Installer(ctx context.Context, client *deploy.Client, r Request, begin Begin, progress Progress) (int64, error) {
	pace := backoff.NewExponentialBackOff()
	pace.InitialInterval = retryDelay
	return backoff.Retry(ctx, func() (int64, error) {
		n, err := once(ctx, client, r, begin, progress)
		var broken *brokenError
		if err != nil && !errors.As(err, &broken) {
			return 0, backoff.Permanent(err)
		}
		return n, err
	}, backoff.WithBackOff(pace), backoff.WithMaxTries(attempts))
}

func once(ctx context.Context, client *deploy.Client, r Request, begin Begin, progress Progress) (int64, error) {
	body, cancel := context.WithCancel(ctx)
	defer cancel()
	file, err := begin()
	if err != nil {
		return 0, fmt.Errorf("writing the installer: %w", err)
	}
	res, err := client.Get(body, r.path(), r.query(), http.Header{"Accept": {"application/octet-stream"}})
	if err != nil {
		return 0, fmt.Errorf("downloading OneAgent %s (%s, %s, %s): %w", r.Version, r.Spec.Flavor, r.Spec.Arch, r.Spec.Technologies(), err)
	}
	defer res.Body.Close()
	if res.ContentLength > maxInstaller {
		return 0, fmt.Errorf("the cluster's installer has %d bytes; no installer of OneAgent is that large", res.ContentLength)
	}
	watch := newWatchdog(stallTimeout, cancel)
	defer watch.stop()
	in := bufio.NewReader(io.TeeReader(res.Body, watch))
	if err := checkStart(in, r.Kind, res.Header); err != nil {
		return 0, err
	}
	count := &counter{total: res.ContentLength, report: progress}
	n, err := io.Copy(io.MultiWriter(file, count), io.LimitReader(in, maxInstaller+1))
	switch {
	case watch.barked():
		return 0, &brokenError{cause: fmt.Sprintf("nothing came for %s", stallTimeout), got: n, of: res.ContentLength}
	case err != nil && ctx.Err() != nil:
		return 0, fmt.Errorf("the download of the installer was ended after %d bytes: %w", n, ctx.Err())
	case err != nil && isRead(err):
		return 0, &brokenError{cause: "the cluster closed the connection", got: n, of: res.ContentLength}
	case err != nil:
		return 0, fmt.Errorf("writing the installer: %w", err)
	case n > maxInstaller:
		return 0, fmt.Errorf("the cluster's installer has more than %d bytes; no installer of OneAgent is that large", int64(maxInstaller))
	}
	if err := file.Close(); err != nil {
		return 0, fmt.Errorf("writing the installer: %w", err)
	}
	return n, nil
}

// isRead tells an error of the connection from one of the disk.
func isRead(err error) bool {
	var pe *os.PathError
	return !errors.As(err, &pe)
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

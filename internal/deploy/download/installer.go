package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/org/dt-frontend/internal/deploy"
)

const (
	// maxInstaller bounds an installer, in bytes. The largest documented has
	// about 700 MB.
	maxInstaller = 4 << 30
	// retryDelay is the wait before a download is taken up again; it doubles
	// with each try that brings nothing.
	retryDelay = 500 * time.Millisecond
)

// Begin makes what an installer is written to anew, for each time that the
// download is begun. It is closed when all is written.
type Begin func() (io.WriteCloser, error)

// Observer gets notice of how a download goes; either function may be nil.
type Observer struct {
	// Progress gets how far it is, in bytes; total is 0 or less where it is not
	// known. A download that is begun again begins at 0.
	Progress func(done, total int64)
	// Warn gets a line, for people, about what is not as it should be.
	Warn func(line string)
}

// Installer fetches what r asks for, and returns its size. A body that breaks
// off is taken up again where that is possible, and begun again otherwise.
func Installer(ctx context.Context, client *deploy.Client, r Request, begin Begin, observer Observer) (int64, error) {
	t := &transfer{client: client, request: r, begin: begin, observer: observer, limits: usual, delay: retryDelay}
	if err := t.run(ctx); err != nil {
		return 0, err
	}
	return t.got, nil
}

// errLongest ends a download that is not done in time.
var errLongest = fmt.Errorf("a download may take %s", longest)

// run tries until all is there.
func (t *transfer) run(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, longest, errLongest)
	defer cancel()
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval = t.delay
	for all := (tally{}); ; {
		err := t.try(ctx)
		var broken *brokenError
		switch {
		case err != nil && errors.Is(context.Cause(ctx), errLongest):
			return t.ended(ctx)
		case !errors.As(err, &broken):
			return err
		case ctx.Err() != nil:
			return t.ended(ctx)
		}
		broken.got, broken.of = t.got, t.total
		if !all.allows(t, broken) {
			return &gaveUpError{brokenError: broken, tries: all.tries}
		}
		if all.fruitless == 0 {
			pause.Reset()
		}
		t.warnOfRetry(broken)
		select {
		case <-time.After(pause.NextBackOff()):
		case <-ctx.Done():
			return t.ended(ctx)
		}
	}
}

// warnOfRetry tells of a try that broke off before there is another.
func (t *transfer) warnOfRetry(broken *brokenError) {
	what := "it is begun again"
	if t.resumable() {
		what = "it is resumed"
	}
	t.warn(fmt.Sprintf("%v: %s", broken, what))
}

func (t *transfer) warn(line string) {
	if t.observer.Warn != nil {
		t.observer.Warn(line)
	}
}

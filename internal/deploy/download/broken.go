package download

import (
	"errors"
	"fmt"
	"os"

	"github.com/org/dt-frontend/internal/deploy"
)

// brokenError is a body that did not arrive whole.
type brokenError struct {
	cause   string
	got, of int64 // in bytes; of is 0 or less where it is not known
	stalled bool
}

// Error says how far it came.
func (e *brokenError) Error() string {
	of := ""
	if e.of > 0 {
		of = fmt.Sprintf(" of %d", e.of)
	}
	return fmt.Sprintf("the download of the installer broke off after %d%s bytes: %s", e.got, of, e.cause)
}

// gaveUpError is the last of several.
type gaveUpError struct {
	*brokenError
	tries int
}

// Error says what to do, too.
func (e *gaveUpError) Error() string {
	return fmt.Sprintf("%v (%d tries); try again later, or look for what stands in between (a proxy, a firewall)", e.brokenError, e.tries)
}

// Unwrap returns what happened.
func (e *gaveUpError) Unwrap() error { return e.brokenError }

// describeReadError says what kind of end a body came to.
func describeReadError(err error) string {
	if deploy.IsDamaged(err) {
		return "a proxy in between packs it (gzip), and damages it"
	}
	return "the cluster closed the connection"
}

// isReadError tells an error of the connection from one of the disk.
func isReadError(err error) bool {
	var pe *os.PathError
	return !errors.As(err, &pe)
}

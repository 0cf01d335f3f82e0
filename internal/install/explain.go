package install

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"github.com/org/dt-frontend/internal/install/secret"
	"github.com/org/dt-frontend/internal/install/supply"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/untrusted/installer"
)

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
func (s *installStep) explain(err error, secrets secret.Set, connection *supply.Connection, log io.Writer) error {
	hide := secret.NewRedactor(secrets)
	if connection != nil {
		if values, verr := forbiddenValues(secrets, &connection.Info, ""); verr == nil {
			hide.Add(values...)
		}
	}
	var failed *installer.Error
	if errors.As(err, &failed) {
		fmt.Fprintln(log, "the installer's output ends with:")
		for line := range strings.Lines(hide.Text(failed.Output)) {
			fmt.Fprintln(log, hide.Line(strings.TrimRight(line, "\r\n")))
		}
		full := errors.Is(err, errFull)
		if err = withLastLine(failed, hide); full {
			err = fmt.Errorf("%w: %w", errFull, err)
		}
	}
	return errors.New(hide.Line(err.Error()))
}

// withLastLine adds the last line that the installer printed, which says most.
// Secrets are hidden before it is cut: nobody would find the half of one.
func withLastLine(failed *installer.Error, hide *scan.Redactor) error {
	err := fmt.Errorf("%w and printed nothing", failed)
	if last := hide.Line(failed.LastLine()); last != "" {
		err = fmt.Errorf("%w; its last line: %.200q", failed, last)
	}
	if failed.Advice != "" {
		err = fmt.Errorf("%w; %s", err, failed.Advice)
	}
	return err
}

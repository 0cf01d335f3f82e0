package install

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/install/seal"
	"github.com/org/dt-frontend/internal/install/secret"
	"github.com/org/dt-frontend/internal/install/supply"
	"github.com/org/dt-frontend/internal/version"
)

// Exit codes, beside 0. They are documented in docs/dt-install.md.
const (
	exitFailed = 1 // what the report says
	exitUsage  = 2 // unknown command or flag
)

const usage = `usage: dt-install COMMAND [FLAGS]

Build steps, run by the frontend:
  resolve    ask the cluster which agent it will deliver
  download   fetch its installer
  install    run the installer; remove and look for all links to the cluster
  import     remove and look for all links in an agent that is there already
  check      look for the build's secrets in an agent
  trust      take the certificates that the agent is to trust from their secret

For people:
  version    print the version
  lock       print the directive that pins an agent by its digest
  connection print the variables with which an agent reaches its environment

dt-install COMMAND -h lists a command's flags.
`

// errUsage says that the command line was wrong, and that this was said.
var errUsage = errors.New("usage")

type command func(ctx context.Context, args []string, stdout, stderr io.Writer) error

var commands = map[string]command{
	"resolve":  resolve,
	"download": download,
	"install":  install,
	"import":   importAgent,
	"check":    check,
	"trust":    trust,

	"version":    printVersion,
	"lock":       lock,
	"connection": connection,
}

// Run runs the command that args begin with, and returns an exit code.
func Run(args []string, stdout, stderr io.Writer) int {
	version.Adopt(os.Getenv(version.Variable))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var cmd command
	if len(args) > 0 {
		cmd = commands[args[0]]
	}
	if cmd == nil {
		io.WriteString(stderr, usage)
		return exitUsage
	}
	err := cmd(ctx, args[1:], stdout, stderr)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errUsage):
		return exitUsage
	}
	fmt.Fprintf(stderr, "dt-install: %v\n", err)
	return exitFailed
}

func printVersion(_ context.Context, _ []string, stdout, _ io.Writer) error {
	_, err := fmt.Fprintln(stdout, "dt-install "+version.String())
	return err
}

// parse reads flags; fs has said what is wrong with them.
func parse(fs *flag.FlagSet, args []string, stderr io.Writer) error {
	fs.SetOutput(stderr)
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage
	}
	return nil
}

// writeJSON writes v as the document name in folder dir. Root alone can read
// it: an installer needs none of them.
func writeJSON(dir, name string, v any) error {
	dt, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding %s: %w", name, err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), append(dt, '\n'), 0o400); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

func readJSON(path string, v any) error {
	dt, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading %s: %w", filepath.Base(path), err)
	}
	if err := json.Unmarshal(dt, v); err != nil {
		return fmt.Errorf("decoding %s: %w", filepath.Base(path), err)
	}
	return nil
}

// reportFailure leaves err, without any secret, as the report of a step in dir,
// and returns it as it stands there.
func reportFailure(dir string, secrets secret.Set, err error) error {
	failure := errors.New(secret.NewRedactor(secrets).Line(err.Error()))
	return writeReport(dir, agent.Report{Failure: failure.Error(), Cause: causeOf(err)}, failure)
}

// causeOf tells what kind of failure err is, where that matters.
func causeOf(err error) agent.Cause {
	var (
		missing *secret.MissingError
		digest  *supply.ChecksumError
		signed  *supply.SignatureError
		ca      *authorityError
	)
	switch {
	case errors.Is(err, supply.ErrForeign):
		// Whatever it was, this build need not have done it.
		return agent.CauseForeign
	case errors.As(err, &missing):
		return agent.CauseSecret
	case errors.As(err, &digest), errors.As(err, &signed), errors.As(err, &ca):
		return agent.CausePin
	case errors.Is(err, seal.ErrSecret):
		return agent.CauseSealed
	}
	return ""
}

// writeReport leaves report in dir and returns failure.
func writeReport(dir string, report agent.Report, failure error) error {
	if err := writeJSON(dir, agent.ReportFile, report); err != nil {
		return errors.Join(failure, err)
	}
	return failure
}

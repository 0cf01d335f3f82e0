// Command dt-verify audits a container image, whoever built it: whether it
// carries Dynatrace OneAgent and how that is started, and whether anything in it
// ties it to an environment.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/containerd/log"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/verify"
	"github.com/org/dt-frontend/internal/verify/image"
	"github.com/org/dt-frontend/internal/verify/report"
	"github.com/org/dt-frontend/internal/version"
)

// Exit codes. They are documented in docs/dt-verify.md.
const (
	exitClean           = 0
	exitLeak            = 1 // or another agent layer than the one that was asked for, or diverted tokens
	exitNotInstrumented = 2
	exitUnread          = 3 // also a wrong command line
)

// softMemory is the amount of memory from which on unused memory is given back
// at once, in bytes. What an audit keeps is less.
const softMemory = 160 << 20

func main() {
	debug.SetMemoryLimit(softMemory)
	os.Exit(run(os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// run is the command, given its arguments and environment.
func run(args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o, err := parse(args, getenv)
	if errors.Is(err, flag.ErrHelp) {
		io.WriteString(stdout, usage)
		return exitClean
	}
	if err == nil && o.version {
		fmt.Fprintln(stdout, "dt-verify "+version.String())
		return exitClean
	}
	if err != nil {
		fmt.Fprintf(stderr, "dt-verify: %s\nRun dt-verify --help for what there is.\n", scan.Printable(err.Error()))
		return exitUnread
	}
	// The packages that talk to registries tell of each try.
	if err := log.SetLevel("panic"); err != nil {
		fmt.Fprintln(stderr, "dt-verify:", err)
	}
	r, err := audit(ctx, o, stderr)
	if err == nil {
		err = write(stdout, r, o, isTerminal(stdout) && getenv("NO_COLOR") == "")
	}
	if err != nil && ctx.Err() != nil {
		err = errors.New("it was interrupted")
	}
	if err != nil {
		fmt.Fprintln(stderr, "dt-verify:", o.hide(err))
		return exitUnread
	}
	return exitCode(r.Verdict)
}

// audit opens the image and looks at all of it.
func audit(ctx context.Context, o *options, stderr io.Writer) (r *verify.Report, err error) {
	bar := newBar(stderr)
	defer bar.stop()
	img, err := image.Open(ctx, o.image, image.Options{Platforms: o.platforms, Progress: bar, UserAgent: version.UserAgent("dt-verify")})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, img.Close()) }()
	return verify.Audit(ctx, img, verify.Options{
		Values: o.values, AgentLayers: o.agentLayers, AgentCAs: o.agentCAs, MaxBytes: o.maxBytes, MaxFacts: o.maxFacts,
	})
}

func write(w io.Writer, r *verify.Report, o *options, color bool) error {
	switch o.format {
	case formatJSON:
		return report.JSON(w, r)
	case formatSARIF:
		return report.SARIF(w, r, version.String())
	}
	return report.Table(w, r, color)
}

func exitCode(v verify.Verdict) int {
	switch v {
	case verify.Clean:
		return exitClean
	case verify.NotInstrumented:
		return exitNotInstrumented
	}
	return exitLeak
}

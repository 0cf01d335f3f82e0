// Command run starts an image from an OCI archive with runc, in the foreground:
// signals go to the app, and its exit code is the command's. hack/demo uses it.
//
//	run [--env NAME[=VALUE]]... [--rootfs DIR] OUT.tar [COMMAND...]
//	run --rootfs DIR --format TEMPLATE OUT.tar
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"text/template"

	"github.com/org/dt-frontend/integration/harness/oci"
	"github.com/org/dt-frontend/integration/harness/runc"
)

// exitUsage is what a shell's own commands end with when called wrongly, and
// exitFailed what `docker run` does when the container was not started.
const (
	exitUsage  = 2
	exitFailed = 125
)

// options are the command line.
type options struct {
	env     environment
	rootfs  string
	format  string
	archive string
	command []string
}

// environment collects --env. A name alone takes the value that this process
// has: secrets do not belong on a command line.
type environment []string

func (e *environment) String() string { return strings.Join(*e, " ") }

// Set implements flag.Value.
func (e *environment) Set(entry string) error {
	if !strings.Contains(entry, "=") {
		value, ok := os.LookupEnv(entry)
		if !ok {
			return fmt.Errorf("%s is not set", entry)
		}
		entry += "=" + value
	}
	*e = append(*e, entry)
	return nil
}

func main() {
	var o options
	flag.Var(&o.env, "env", "a variable for the app, `NAME=VALUE`, or NAME to hand on this process's own")
	flag.StringVar(&o.rootfs, "rootfs", "", "unpack the image into this `folder` and leave it there")
	flag.StringVar(&o.format, "format", "", "unpack only, and print the image's config through this Go `template`")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "run: name the OCI archive to run")
		flag.Usage()
		os.Exit(exitUsage)
	}
	o.archive, o.command = flag.Arg(0), flag.Args()[1:]
	code, err := run(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "run:", err)
		os.Exit(exitFailed)
	}
	os.Exit(code)
}

func run(o options) (code int, err error) {
	// A signal ends the unpacking, and later goes to the app.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if o.rootfs == "" {
		dir, err := os.MkdirTemp("", "dt-run-")
		if err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
		// The app may run as an ordinary user.
		if err := os.Chmod(dir, 0o755); err != nil {
			return 0, err
		}
		o.rootfs = dir
	}
	image, err := unpack(ctx, o)
	if err != nil {
		return 0, err
	}
	if o.format != "" {
		return 0, printConfig(o.format, image)
	}
	spec := runc.Spec{
		Rootfs:  o.rootfs,
		Config:  image.Config.Config.ImageConfig,
		Env:     o.env,
		Streams: runc.Streams{Stdout: os.Stdout, Stderr: os.Stderr},
	}
	if len(o.command) > 0 {
		spec.Cmd = o.command
	}
	return foreground(spec)
}

// unpack writes the image into the root file system's folder, unless it is
// there from an earlier run.
func unpack(ctx context.Context, o options) (*oci.Image, error) {
	layout, err := oci.Open(o.archive)
	if err != nil {
		return nil, err
	}
	defer layout.Close()
	image, err := layout.Image("")
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.rootfs, 0o755); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(o.rootfs)
	if err != nil || len(entries) > 0 {
		return image, err
	}
	return image, image.Unpack(ctx, o.rootfs)
}

// printConfig shows the config as `docker inspect --format` does.
func printConfig(format string, image *oci.Image) error {
	t, err := template.New("format").Parse(format + "\n")
	if err != nil {
		return err
	}
	return t.Execute(os.Stdout, image.Config)
}

// foreground runs the container and hands signals on to it.
func foreground(spec runc.Spec) (code int, err error) {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2)
	container, err := runc.Run(context.Background(), spec)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, container.Delete()) }()
	for {
		select {
		case sig := <-signals:
			if err := container.Signal(sig.(syscall.Signal)); err != nil {
				fmt.Fprintln(os.Stderr, "run:", err)
			}
		case <-container.Done():
			return container.Wait()
		}
	}
}

// Command cluster runs a stand-in for a Dynatrace cluster with one environment,
// for people who want to try the product without a real one.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/org/dt-frontend/integration/standin/cluster"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "cluster:", err)
		}
		os.Exit(1) //nolint:gocritic // nothing is left to stop
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("cluster", flag.ContinueOnError)
	flags.SetOutput(stderr)
	addr := flags.String("addr", "127.0.0.1:0", "`ADDRESS` to listen on")
	state := flags.String("state", "", "`FOLDER` to write the environment's secrets to")
	size := flags.Int64("size", 0, "`BYTES` by which each installer is larger")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	logger := log.New(stderr, "", log.LstdFlags)
	server := cluster.New(cluster.Options{Logf: logger.Printf})
	if err := server.Start(*addr); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	env := server.AddEnvironment(cluster.WithFiller(*size))
	if *state != "" {
		if err := writeState(*state, server, env); err != nil {
			return err
		}
		defer removeState(*state)
	}
	<-ctx.Done()
	logger.Print("stand-in cluster ends")
	return nil
}

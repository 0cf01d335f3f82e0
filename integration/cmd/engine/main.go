// Command engine builds and runs apps with a Docker Engine, as `docker build`
// and `docker run` do, and checks what came of it: that the agent is in the
// image, the image free of what ties it to the environment, the app seen by the
// cluster, and a failure one clear line. It brings a stand-in cluster, at an
// address that containers reach.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/moby/moby/client"

	"github.com/org/dt-frontend/integration/standin/cluster"
)

func main() {
	var c check
	flag.StringVar(&c.engine.socket, "socket", "/var/run/docker.sock", "`path` of the engine's socket")
	flag.StringVar(&c.frontend, "frontend", "", "the frontend's image, by a `name` that the engine can pull")
	flag.StringVar(&c.base, "base", "debian:bookworm-slim", "`name` of an image with a shell")
	flag.StringVar(&c.verify, "verify", "dt-verify", "the `program`")
	flag.BoolVar(&c.merges, "merges", true, "the engine can merge layers")
	address := flag.String("address", "", "`IP address` of the engine's bridge")
	ping := flag.Bool("ping", false, "only see whether the engine answers")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := c.engine.connect()
	switch {
	case err != nil:
	case *ping:
		_, err = c.engine.Ping(ctx, client.PingOptions{})
	default:
		err = c.run(ctx, *address)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "engine:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to stop
	}
}

// check is what is built with an engine.
type check struct {
	engine                 engine
	frontend, base, verify string
	merges                 bool

	env *cluster.Environment
	dir string
}

func (c *check) run(ctx context.Context, address string) (err error) {
	if c.dir, err = os.MkdirTemp("", "dt-engine-"); err != nil {
		return err
	}
	defer os.RemoveAll(c.dir)
	srv := cluster.New(cluster.Options{})
	if err := srv.Start(address + ":0"); err != nil {
		return err
	}
	defer srv.Close()
	c.env = srv.AddEnvironment()
	if err := c.writeSecrets(); err != nil {
		return err
	}
	var failed error
	for _, step := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"an app gets the agent", c.instrumented},
		{"the cluster sees the app's process", c.seen},
		{"the image is free of the environment", c.clean},
		{"another app shares the agent layer", c.shared},
		{"a rebuild asks and installs nothing", c.again},
		{"a refused token is one line", c.refused},
		{"on-error=skip builds the app alone", c.skipped},
	} {
		err := step.run(ctx)
		fmt.Printf("%-40s %s\n", step.name, verdict(err))
		failed = errors.Join(failed, err)
	}
	return failed
}

func verdict(err error) string {
	if err != nil {
		return "FAILED"
	}
	return "ok"
}

// secrets are the environment's, by id.
func (c *check) secrets() map[string]string {
	return map[string]string{"DT_API_URL": c.env.APIURL(), "DT_API_TOKEN": c.env.APIToken(), "DT_TENANT": c.env.ID()}
}

func (c *check) writeSecrets() error {
	for id, value := range c.secrets() {
		if err := os.WriteFile(filepath.Join(c.dir, id), []byte(value), 0o600); err != nil {
			return err
		}
	}
	return nil
}

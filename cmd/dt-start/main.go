// Dt-start stands in front of an app in an instrumented image: it adds what
// the agent needs to the environment, and becomes the app.
//
//	ENTRYPOINT ["/opt/dynatrace/dt-start", "--", "app", "argument"]
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/org/dt-frontend/internal/start"
	"github.com/org/dt-frontend/internal/start/inherit"
	"github.com/org/dt-frontend/internal/version"
)

const usage = `dt-start stands in front of an app in an image with Dynatrace OneAgent.

  dt-start -- APP [ARGUMENT...]   start the app, with the agent where it can be
  dt-start doctor [--json] [-- APP [ARGUMENT...]]
                                  say what a start would do; it fails where the
                                  app would run unmonitored
  dt-start version                print the version

It is controlled by environment variables: DT_START_TIMEOUT, DT_START_ON_ERROR,
DT_START_LOG, DT_START_FORCE, DT_START_KEEP_TOKEN, DT_START_HIDE_SERVICES,
DT_START_TRUST_IMAGE; in run-time mode also by DT_START_DOWNLOAD_TIMEOUT and
DT_AGENT_DIR.
`

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	inherit.KeepIgnoring()
	in := start.Input{
		Version:   version.String(),
		Env:       os.Environ(),
		Files:     start.System(),
		Cluster:   interruptible{start.Deployment(version.UserAgent("dt-start"))},
		Installer: interruptibleInstaller{start.Agents(version.UserAgent("dt-start"))},
		Stderr:    start.Stderr(),
	}
	if len(args) > 0 {
		switch args[0] {
		case "--":
			args = args[1:]
		case "doctor":
			return doctor(in, args[1:], os.Stdout, os.Stderr)
		case "version", "--version":
			fmt.Println("dt-start " + version.String())
			return 0
		case "help", "--help", "-h":
			fmt.Print(usage)
			return 0
		}
	}
	in.Args = args
	plan := start.Make(context.Background(), in)
	return plan.Exec(inherit.Exec, start.Stderr())
}

// Dt-start stands in front of an app in an instrumented image: it adds what
// the agent needs to the environment, and becomes the app.
//
//	ENTRYPOINT ["/opt/dynatrace/dt-start", "--", "app", "argument"]
package main

import (
	"context"
	"fmt"
	"os"
	"syscall"

	"github.com/org/dt-frontend/internal/start"
)

// version is set by the linker.
var version = "devel"

const usage = `dt-start stands in front of an app in an image with Dynatrace OneAgent.

  dt-start -- APP [ARGUMENT...]   start the app, with the agent where it can be
  dt-start version                print the version

It is controlled by environment variables: DT_START_TIMEOUT, DT_START_ON_ERROR,
DT_START_LOG, DT_START_FORCE, DT_START_KEEP_TOKEN.
`

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	if len(args) > 0 {
		switch args[0] {
		case "--":
			args = args[1:]
		case "version", "--version":
			fmt.Println("dt-start " + version)
			return 0
		case "help", "--help", "-h":
			fmt.Print(usage)
			return 0
		}
	}
	plan := start.Make(context.Background(), start.Input{
		Args:    args,
		Env:     os.Environ(),
		Files:   start.System(),
		Cluster: interruptible{start.Deployment("dt-start/" + version)},
	})
	return plan.Exec(syscall.Exec, os.Stderr)
}

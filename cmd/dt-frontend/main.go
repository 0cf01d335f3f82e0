// Command dt-frontend is the BuildKit frontend that the syntax line of a
// Dockerfile names. BuildKit runs it and talks to it over stdin and stdout.
package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/moby/buildkit/frontend/gateway/grpcclient"
	"github.com/moby/buildkit/util/appcontext"
	_ "github.com/moby/buildkit/util/grpcutil/encoding/proto" // the gateway's codec
	"github.com/org/dt-frontend/frontend"
	"github.com/org/dt-frontend/internal/version"
)

func main() {
	// For people: BuildKit runs it without arguments.
	if slices.Equal(os.Args[1:], []string{"version"}) {
		fmt.Println("dt-frontend " + version.String())
		return
	}
	if err := grpcclient.RunFromEnvironment(appcontext.Context(), frontend.Build); err != nil {
		// Stdout is the connection to the daemon; stderr goes into its log.
		fmt.Fprintf(os.Stderr, "dt-frontend: %v\n", err)
		os.Exit(1)
	}
}

// Command dt-install does the work of the build steps that bring an agent into
// an image; see the package install. The frontend runs each in a step of its own,
// with other rights; see the package llb.
//
// The root file system of build steps knows it by the names of uname and arch,
// too; see the package uname.
package main

import (
	"os"

	"github.com/org/dt-frontend/internal/install"
	"github.com/org/dt-frontend/internal/untrusted/uname"
)

func main() {
	// What the tools root calls so; see the package.
	if uname.Is(os.Args[0]) {
		os.Exit(uname.Run(os.Args, os.Getenv(uname.Variable), os.Stdout, os.Stderr))
	}
	os.Exit(install.Run(os.Args[1:], os.Stdout, os.Stderr))
}

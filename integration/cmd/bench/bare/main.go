// Command bare becomes the command that it is given, and does nothing else: it
// is what a program in Go costs at least.
package main

import (
	"os"
	"syscall"
)

func main() {
	if err := syscall.Exec(os.Args[1], os.Args[1:], os.Environ()); err != nil {
		os.Exit(127)
	}
}

// Command bench measures what hack/bench prints.
//
//	bench start --bin DIRECTORY [--runs N]
//	bench scan --dir DIRECTORY [--runs N] NAME=PROGRAM...
package main

import (
	"fmt"
	"os"
)

// measurements are what there is to measure.
var measurements = map[string]func(args []string) error{
	"scan":  benchScan,
	"start": benchStart,
}

func main() {
	if len(os.Args) < 2 || measurements[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "bench: name what to measure: scan or start")
		os.Exit(2)
	}
	if err := measurements[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

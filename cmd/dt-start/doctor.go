package main

import (
	"context"
	"fmt"
	"io"

	"github.com/org/dt-frontend/internal/start"
)

const doctorUsage = "usage: dt-start doctor [--json] [-- APP [ARGUMENT...]]\n"

// Exit codes of doctor, beside 0.
const (
	exitUnmonitored = 1
	exitUsage       = 2
)

// doctor prints what a start would do.
func doctor(in start.Input, args []string, stdout, stderr io.Writer) int {
	asJSON := false
	for len(args) > 0 && args[0] != "--" {
		switch args[0] {
		case "--json":
			asJSON = true
		case "--help", "-h":
			io.WriteString(stdout, doctorUsage)
			return 0
		default:
			io.WriteString(stderr, doctorUsage)
			return exitUsage
		}
		args = args[1:]
	}
	if len(args) > 0 {
		args = args[1:]
	}
	in.Args = args
	d := start.Diagnose(context.Background(), in)
	write := d.WriteText
	if asJSON {
		write = d.WriteJSON
	}
	if err := write(stdout); err != nil {
		fmt.Fprintf(stderr, "dt-start: %v\n", err)
		return exitUnmonitored
	}
	if !d.Monitored {
		return exitUnmonitored
	}
	return 0
}

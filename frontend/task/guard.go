package task

import (
	"fmt"
	"os"
	"runtime/debug"
)

// Guard turns a panic in fn into an error. A frontend that dies of one leaves
// its user with "frontend grpc server closed unexpectedly" and no more.
func Guard(fn func() error) func() error {
	return func() (err error) {
		defer func() {
			if r := recover(); r != nil {
				// The daemon's log is the place for a stack trace.
				fmt.Fprintf(os.Stderr, "panic: %v\n%s", r, debug.Stack())
				err = fmt.Errorf("dynatrace: internal error: %v; please report it with the Dockerfile that shows it", r)
			}
		}()
		return fn()
	}
}

package runc

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// startWithDefaults has apps start with no signal ignored, as container engines
// start them. Tests that run by nohup(1), or in the background of a script, have
// signals ignored from the beginning, and processes inherit that (signal(7)). What
// a process catches is reset in those that it starts.
var startWithDefaults = sync.OnceFunc(func() {
	for _, sig := range []os.Signal{syscall.SIGHUP, syscall.SIGINT} {
		if signal.Ignored(sig) {
			signal.Notify(make(chan os.Signal, 1), sig)
		}
	}
})

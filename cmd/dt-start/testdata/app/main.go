// App is what dt-start becomes in its tests: it tells what it was given.
package main

import (
	"encoding/json"
	"os"
	"os/signal"
	"strconv"
	"syscall"
)

func main() {
	if len(os.Args) > 1 {
		if code, err := strconv.Atoi(os.Args[1]); err == nil {
			os.Exit(code)
		}
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGUSR1)
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{
		"pid": os.Getpid(), "uid": os.Getuid(), "args": os.Args, "env": os.Environ(),
	})
	if len(os.Args) > 1 && os.Args[1] == "wait" {
		s := <-signals
		os.Exit(40 + int(s.(syscall.Signal)))
	}
}

package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/start"
)

// interruptible lets a signal end us while a cluster is asked. The kernel
// keeps signals without a handler from a container's first process, and the
// app, which would see to them, is not there yet.
type interruptible struct{ start.Cluster }

func (i interruptible) ConnectionInfo(ctx context.Context, r start.Request) (*deploy.ConnectionInfo, error) {
	signals := make(chan os.Signal, 1)
	for _, s := range []os.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT} {
		// What is ignored, as by nohup, stays so for the app.
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	answered := make(chan struct{})
	go func() {
		select {
		case s := <-signals:
			end(s)
		case <-answered:
		}
	}()
	info, err := i.Cluster.ConnectionInfo(ctx, r)
	signal.Stop(signals)
	close(answered)
	// One that came together with the answer is not lost.
	select {
	case s := <-signals:
		end(s)
	default:
	}
	return info, err
}

// end exits as a shell reports a process that a signal ended.
func end(s os.Signal) {
	code := 128
	if n, ok := s.(syscall.Signal); ok {
		code += int(n)
	}
	os.Exit(code)
}

package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/start"
	"github.com/org/dt-frontend/internal/start/provision"
)

// interruptible lets a signal end us while a cluster is asked. The kernel
// keeps signals without a handler from a container's first process, and the
// app, which would see to them, is not there yet.
type interruptible struct{ start.Cluster }

func (i interruptible) ConnectionInfo(ctx context.Context, r start.Request) (*deploy.ConnectionInfo, error) {
	return guard(ctx, 0, func(ctx context.Context) (*deploy.ConnectionInfo, error) {
		return i.Cluster.ConnectionInfo(ctx, r)
	})
}

func (i interruptible) LatestVersion(ctx context.Context, r start.Request, f agent.Flavor, a agent.Arch) (string, error) {
	return guard(ctx, 0, func(ctx context.Context) (string, error) {
		return i.Cluster.LatestVersion(ctx, r, f, a)
	})
}

// removal is what an installation gets to remove what it has not finished.
const removal = 300 * time.Millisecond

// interruptibleInstaller does the same while an agent is installed.
type interruptibleInstaller struct{ start.Installer }

func (i interruptibleInstaller) Install(ctx context.Context, r start.Request, o provision.Order, say func(string)) (*provision.Agent, error) {
	return guard(ctx, removal, func(ctx context.Context) (*provision.Agent, error) {
		return i.Installer.Install(ctx, r, o, say)
	})
}

// guard runs f, and exits when a signal comes meanwhile. F is told by its
// context, and waited for so long.
func guard[T any](ctx context.Context, wait time.Duration, f func(context.Context) (T, error)) (T, error) {
	signals := make(chan os.Signal, 1)
	for _, s := range []os.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT} {
		// What is ignored, as by nohup, stays so for the app.
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answered := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case s := <-signals:
			cancel()
			select {
			case <-answered:
			case <-time.After(wait):
			}
			end(s)
		case <-answered:
		}
	}()
	// Here and not beside, so that the caller sees a panic.
	defer func() {
		signal.Stop(signals)
		close(answered)
		// A signal that came together with the answer is not lost.
		<-watched
		select {
		case s := <-signals:
			end(s)
		default:
		}
	}()
	return f(ctx)
}

// end exits as a shell reports a process that a signal ended.
func end(s os.Signal) {
	code := 128
	if n, ok := s.(syscall.Signal); ok {
		code += int(n)
	}
	os.Exit(code)
}

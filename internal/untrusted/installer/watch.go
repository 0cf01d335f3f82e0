package installer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/org/dt-frontend/internal/untrusted/foreign"
)

// pause is the time between two looks at what an installer has written. What it
// can write in that time is what the disk must have to spare.
const pause = 100 * time.Millisecond

// guard watches what an installer writes: nothing else bounds how many files it
// makes.
type guard struct {
	roots []*os.Root
	end   context.CancelCauseFunc
	done  sync.WaitGroup
	// alive, if any, tells a sign of life from none; see [guard.expect].
	alive func(foreign.Size) bool
}

// expect makes the watch end an installer that hangs, too, with cause [errIdle].
func (g *guard) expect(limit time.Duration, out *tailBuffer) {
	p := &progress{limit: limit, at: time.Now()}
	g.alive = func(size foreign.Size) bool {
		return !p.hangs(time.Now(), sample{size, out.written.Load(), busy()})
	}
}

// watch returns a context that ends when there is more in the folders than any
// agent has; its cause is a [*foreign.Error] then.
func watch(ctx context.Context, dirs ...string) (context.Context, *guard, error) {
	g := &guard{}
	ctx, g.end = context.WithCancelCause(ctx)
	for _, dir := range dirs {
		root, err := os.OpenRoot(dir)
		if err != nil {
			g.stop()
			return nil, nil, fmt.Errorf("watching the installer: %w", err)
		}
		g.roots = append(g.roots, root)
	}
	return ctx, g, nil
}

// start begins the watch.
func (g *guard) start(ctx context.Context) {
	g.done.Go(func() { g.run(ctx) })
}

func (g *guard) run(ctx context.Context) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		began := time.Now()
		size, err := foreign.Measure(ctx, g.roots...)
		var refused *foreign.Error
		if errors.As(err, &refused) {
			g.end(refused)
			return
		}
		if g.alive != nil && !g.alive(size) {
			g.end(errIdle)
			return
		}
		// To look at many files takes time, which the installer needs too.
		timer.Reset(pause + 2*time.Since(began))
	}
}

// judge looks at what is left, once nothing of the installer runs any more.
func (g *guard) judge(ctx context.Context) error {
	return foreign.Judge(ctx, g.roots...)
}

// stop ends the watch.
func (g *guard) stop() {
	g.end(nil)
	g.done.Wait()
	for _, root := range g.roots {
		_ = root.Close()
	}
}

package frontend

import "context"

// promise is the outcome of work that was begun and that several may wait for.
type promise[T any] struct {
	done  chan struct{}
	value T
	err   error
}

// begin runs fn beside its caller.
func begin[T any](fn func() (T, error)) *promise[T] {
	p := &promise[T]{done: make(chan struct{})}
	go func() {
		defer close(p.done)
		p.err = guard(func() (err error) {
			p.value, err = fn()
			return err
		})()
	}()
	return p
}

// wait returns the outcome, or why ctx ended before there was one.
func (p *promise[T]) wait(ctx context.Context) (T, error) {
	select {
	case <-p.done:
		return p.value, p.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}

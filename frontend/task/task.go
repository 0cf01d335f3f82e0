package task

import "context"

// Task is work that was begun, and for which several callers can wait.
type Task[T any] struct {
	// Done is closed when the work has ended. Value and Err are its outcome, and
	// must not be read before.
	Done  chan struct{}
	Value T
	Err   error
}

// Begin runs fn in parallel with its caller.
func Begin[T any](fn func() (T, error)) *Task[T] {
	t := &Task[T]{Done: make(chan struct{})}
	go func() {
		defer close(t.Done)
		t.Err = Guard(func() (err error) {
			t.Value, err = fn()
			return err
		})()
	}()
	return t
}

// Wait returns the outcome, or the cause if ctx ends before.
func (t *Task[T]) Wait(ctx context.Context) (T, error) {
	select {
	case <-t.Done:
		return t.Value, t.Err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}

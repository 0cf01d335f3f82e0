package start

import (
	"context"
	"errors"
	"time"
)

// grace is what a request gets to notice that its time is up. What follows
// does not wait for it: an exec ends it.
const grace = 20 * time.Millisecond

var errLate = errors.New("the cluster did not answer in time")

// lateError is errLate as what it is.
type lateError struct{ error }

func (e lateError) Unwrap() error { return context.DeadlineExceeded }

// ask bounds f by time and by its context, whether or not it heeds that.
func ask[T any](ctx context.Context, limit, grace time.Duration, f func(context.Context) (T, error)) (T, error) {
	if end, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(end))
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	type answer struct {
		value T
		err   error
	}
	answered := make(chan answer, 1)
	go func() {
		var a answer
		a.err = safely(func() (err error) {
			a.value, err = f(ctx)
			return err
		})
		answered <- a
	}()
	late := time.NewTimer(limit + grace)
	defer late.Stop()
	select {
	case a := <-answered:
		return a.value, a.err
	case <-late.C:
		var none T
		return none, lateError{errLate}
	}
}

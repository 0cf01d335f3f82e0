package deploy

import (
	"context"
	"errors"
	"time"
)

// budget bounds a call with its retries. What the cluster itself asks to wait
// for is no part of it, as far as the client's patience goes.
type budget struct {
	ctx      context.Context
	cancel   context.CancelCauseFunc
	timer    *time.Timer
	end      time.Time
	patience *patience
}

// begin starts a budget, to be ended by its cancel.
func (c *Client) begin(ctx context.Context) *budget {
	b := &budget{end: time.Now().Add(c.timeout), patience: &c.patience}
	b.ctx, b.cancel = context.WithCancelCause(ctx)
	b.timer = time.AfterFunc(c.timeout, func() { b.cancel(context.DeadlineExceeded) })
	return b
}

// left is how much of it is there, and of the time that the caller has.
func (b *budget) left() time.Duration {
	left := time.Until(b.end)
	if end, ok := b.ctx.Deadline(); ok {
		left = min(left, time.Until(end))
	}
	return left
}

// wait waits after a failure, for pause or for what the cluster asks for. It
// returns false, at once, if there is no time for that.
func (b *budget) wait(failure error, pause time.Duration) bool {
	var limited *limitedError
	if errors.As(failure, &limited) {
		pause = max(pause, limited.wait)
		if b.patience.total > 0 {
			return b.waitAsAsked(pause)
		}
	}
	return pause <= b.left() && b.sleep(pause)
}

// waitAsAsked stops the clock meanwhile.
func (b *budget) waitAsAsked(pause time.Duration) bool {
	if end, ok := b.ctx.Deadline(); ok && pause > time.Until(end) {
		return false
	}
	if !b.patience.grant(pause) || !b.timer.Stop() {
		return false
	}
	b.end = b.end.Add(pause)
	ok := b.sleep(pause)
	b.timer.Reset(time.Until(b.end))
	return ok
}

func (b *budget) sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return b.ctx.Err() == nil
	case <-b.ctx.Done():
		return false
	}
}

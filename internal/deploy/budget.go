package deploy

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
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

// pause returns how long to wait after a failure: own, or what the cluster asks
// for. It returns [backoff.Stop] if there is no time for that.
func (b *budget) pause(failure error, own time.Duration) time.Duration {
	var limited *limitedError
	if errors.As(failure, &limited) {
		own = max(own, limited.wait)
		if b.patience.total > 0 {
			return b.pauseForCluster(own)
		}
	}
	if own > b.left() {
		return backoff.Stop
	}
	return own
}

// pauseForCluster is pause for what the cluster asks for. The budget ends later by
// it.
func (b *budget) pauseForCluster(pause time.Duration) time.Duration {
	if end, ok := b.ctx.Deadline(); ok && pause > time.Until(end) {
		return backoff.Stop
	}
	if !b.patience.grant(pause) || !b.timer.Stop() {
		return backoff.Stop
	}
	b.end = b.end.Add(pause)
	b.timer.Reset(time.Until(b.end))
	return pause
}

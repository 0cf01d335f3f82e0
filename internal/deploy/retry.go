package deploy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// maxLookups bounds the tries at a name server that does not answer: a second
// asking may help, a tenth does not.
const maxLookups = 3

// retry calls try until it succeeds, fails for good, or the budget is spent.
// The last failure is returned, not that time is up: it says more.
func retry[T any](ctx context.Context, budget time.Duration, try func() (T, error)) (T, error) {
	if end, ok := ctx.Deadline(); ok {
		budget = min(budget, time.Until(end))
	}
	var (
		last    error
		lookups int
	)
	res, err := backoff.Retry(ctx, func() (T, error) {
		res, err := try()
		if err == nil {
			return res, nil
		}
		last = err
		var dns *net.DNSError
		if errors.As(err, &dns) {
			lookups++
		}
		if lookups >= maxLookups || !temporary(err) {
			return res, backoff.Permanent(err)
		}
		var limited *limitedError
		if errors.As(err, &limited) {
			return res, &backoff.RetryAfterError{Duration: limited.wait}
		}
		return res, err
	}, backoff.WithBackOff(pace(budget)), backoff.WithMaxElapsedTime(max(budget, time.Nanosecond)))
	if err != nil && last != nil {
		err = last
	}
	var limited *limitedError
	if errors.As(err, &limited) {
		err = limited.StatusError
	}
	return res, err
}

// pace fits the waits between tries to the budget, so that a short one has
// room for several.
func pace(budget time.Duration) backoff.BackOff {
	b := backoff.NewExponentialBackOff()
	b.InitialInterval = min(max(budget/20, 20*time.Millisecond), 500*time.Millisecond)
	b.Multiplier = 2
	b.MaxInterval = 5 * time.Second
	return b
}

// temporary reports whether another try may end otherwise.
func temporary(err error) bool {
	var (
		status *StatusError
		dns    *net.DNSError
		verify *tls.CertificateVerificationError
		host   x509.HostnameError
		record tls.RecordHeaderError
		alert  tls.AlertError
		call   *CallError
	)
	switch {
	case errors.As(err, &status):
		return status.Code == http.StatusTooManyRequests || status.Code >= 500
	case errors.As(err, &dns):
		return !dns.IsNotFound
	case errors.Is(err, http.ErrSchemeMismatch):
		return false
	case errors.As(err, &verify), errors.As(err, &host), errors.As(err, &record), errors.As(err, &alert):
		return false
	case errors.As(err, &call) && call.final:
		return false
	}
	return !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

// limitedError is a refusal with the time after which it ends.
type limitedError struct {
	*StatusError
	wait time.Duration
}

func (e *limitedError) Unwrap() error { return e.StatusError }

// maxWait bounds what a reset header can ask for; the limits are per minute.
const maxWait = 2 * time.Minute

// resetAfter reads when a rate limit ends. The cluster's own header is a
// timestamp in microseconds; proxies in front of it use Retry-After.
func resetAfter(h http.Header, now time.Time) (time.Duration, bool) {
	if us, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64); err == nil && us > 0 {
		return min(max(time.UnixMicro(us).Sub(now), 0), maxWait), true
	}
	if s, err := strconv.Atoi(h.Get("Retry-After")); err == nil && s >= 0 {
		return min(time.Duration(min(s, 3600))*time.Second, maxWait), true
	}
	return 0, false
}

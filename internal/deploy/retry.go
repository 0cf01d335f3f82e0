package deploy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// maxLookups bounds the tries at a name server that does not answer: a second
// asking may help, a tenth does not.
const maxLookups = 3

// retry calls try until it succeeds, fails for good, or the budget is spent.
// It returns the last failure that a try had of its own, not that time is up
// or ended a later try: the former says more.
func retry[T any](b *budget, try func() (T, error)) (T, error) {
	f := &failures{BackOff: pace(b.left()), budget: b}
	res, err := backoff.Retry(b.ctx, func() (T, error) {
		res, err := try()
		return res, f.add(err)
	}, backoff.WithBackOff(f), backoff.WithMaxElapsedTime(0)) // the budget is the limit
	if err != nil {
		return res, withoutWait(f.reported)
	}
	return res, nil
}

// failures are those of one call's tries. They decide whether there is another
// try, and when.
type failures struct {
	backoff.BackOff
	budget   *budget
	last     error
	reported error // what callers get
	lookups  int
}

// add takes the failure of a try, or nil, and returns it to [backoff.Retry].
func (f *failures) add(err error) error {
	if err == nil {
		return nil
	}
	f.last = err
	if f.reported == nil || !errors.Is(err, context.DeadlineExceeded) {
		f.reported = err
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		f.lookups++
	}
	if f.lookups >= maxLookups || !temporary(err) {
		return backoff.Permanent(err)
	}
	return err
}

// NextBackOff returns how long to wait after the last failure.
func (f *failures) NextBackOff() time.Duration {
	return f.budget.pause(f.last, f.BackOff.NextBackOff())
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

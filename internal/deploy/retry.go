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
	var told error
	pause := pace(b.left())
	for lookups := 0; ; {
		res, err := try()
		if err == nil {
			return res, nil
		}
		var dns *net.DNSError
		if errors.As(err, &dns) {
			lookups++
		}
		if told == nil || !errors.Is(err, context.DeadlineExceeded) {
			told = err
		}
		if lookups >= maxLookups || !temporary(err) || !b.wait(err, pause.NextBackOff()) {
			return res, withoutWait(told)
		}
	}
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

package deploy

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"github.com/org/dt-frontend/internal/agent/variable"
)

// CallError is a call that got no usable answer. Its text is complete: what
// it unwraps to is for errors.Is, and is not to be printed.
type CallError struct {
	message string
	cause   error // may be nil
	// final marks a failure that is the same at every try.
	final bool
}

// Error says in one line what happened, and what to check.
func (e *CallError) Error() string { return e.message }

// Unwrap returns the cause, for errors.Is and errors.As.
func (e *CallError) Unwrap() error { return e.cause }

// describe turns an error of net/http into one line for people.
func (c *Client) describe(ctx context.Context, err error) error {
	var done *CallError
	if errors.As(err, &done) {
		return done
	}
	// A url.Error prints the URL it was called with.
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	if cause := context.Cause(ctx); cause != nil && !isPeersError(err) {
		err = cause
	}
	if isLargeHeader(err) {
		return &CallError{message: clean(c.secrets, explainHeader(c.peerOf(err))), final: true}
	}
	return &CallError{message: clean(c.secrets, c.explain(err)), cause: err}
}

// isPeersError reports whether an error is what the other side said or did, which
// the end of our own context cannot bring about. It is told of even where the
// context has ended since.
func isPeersError(err error) bool {
	var (
		verify *tls.CertificateVerificationError
		record tls.RecordHeaderError
		alert  tls.AlertError
	)
	return errors.As(err, &verify) || errors.As(err, &record) || errors.As(err, &alert) ||
		errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, http.ErrSchemeMismatch) || IsDamaged(err)
}

// peer is who was talked to, for people, with what to check where it refuses
// and where it is silent.
type peer struct{ name, check, silent string }

func (c *Client) peerOf(err error) peer {
	var op *net.OpError
	switch {
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return peer{"the proxy (" + variable.Proxy + " or " + systemProxy + ") for " + c.host, ": check its address", ": check its address"}
	case c.base == "": // no API is asked
		return peer{name: c.host}
	}
	return peer{c.host, ": check " + variable.APIURL, ": check " + variable.APIURL + ", and whether it can be reached from here by a proxy alone (" + variable.Proxy + " or " + systemProxy + ")"}
}

// explain says what an error means, and what to do about it.
func (c *Client) explain(err error) string {
	peer := c.peerOf(err)
	for _, says := range []string{c.explainTransport(err, peer), c.explainTLS(err, peer.name), explainAnswer(err, peer)} {
		if says != "" {
			return says
		}
	}
	var op *net.OpError
	if errors.As(err, &op) {
		// Without the address that was tried, which may be a secret's.
		return fmt.Sprintf("cannot reach %s: %v", peer.name, op.Err)
	}
	return fmt.Sprintf("asking %s: %v", peer.name, err)
}

// explainTransport is for what keeps a request from its server.
func (c *Client) explainTransport(err error, peer peer) string {
	var dns *net.DNSError
	switch {
	case errors.Is(err, context.Canceled):
		return "asking " + c.host + " was interrupted"
	case errors.Is(err, context.DeadlineExceeded):
		return peer.name + " did not answer in time" + peer.silent
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Sprintf("cannot find host %s: check %s and %s", c.nameOf(dns.Name), variable.APIURL, variable.Tenant)
	case errors.As(err, &dns):
		return fmt.Sprintf("cannot find host %s: the name server does not answer, check this machine's", c.nameOf(dns.Name))
	case errors.Is(err, syscall.ECONNREFUSED):
		return peer.name + " refused the connection" + peer.check
	}
	return ""
}

// explainTLS is for a server that cannot prove who it is.
func (c *Client) explainTLS(err error, peer string) string {
	var (
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		verify    *tls.CertificateVerificationError
		noRoots   x509.SystemRootsError
		record    tls.RecordHeaderError
	)
	switch {
	case c.roots && errors.As(err, &authority):
		return fmt.Sprintf("%s has a certificate of an authority that is neither in %s nor known to this machine: add that authority's certificate (PEM) to %s", peer, variable.CACert, variable.CACert)
	case errors.As(err, &authority), errors.As(err, &noRoots):
		return fmt.Sprintf("%s has a certificate of an unknown authority: pass that authority's certificate (PEM) as %s", peer, variable.CACert)
	case errors.As(err, &hostname):
		return fmt.Sprintf("%s has a certificate for other names: check %s, or renew the certificate with this name", peer, variable.APIURL)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return peer + " has a certificate that is not valid now" + validity(invalid.Cert) + ": renew it, or set this machine's clock"
	case errors.As(err, &verify):
		return fmt.Sprintf("%s has a certificate that cannot be verified: %v", peer, verify.Err)
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return fmt.Sprintf("%s does not speak TLS: check %s", peer, variable.APIURL)
	}
	return ""
}

// explainHeader is for an answer that was refused before its body.
func explainHeader(peer peer) string {
	return fmt.Sprintf("the answer of %s has a header of more than %d bytes, which is refused%s, and whether a proxy in between adds to it",
		peer.name, maxHeader, cmp.Or(peer.check, ": check its address"))
}

// explainAnswer is for an answer that does not arrive, or not whole.
func explainAnswer(err error, peer peer) string {
	var network net.Error
	switch {
	case errors.As(err, &network) && network.Timeout():
		return peer.name + " did not answer in time" + peer.silent
	case IsDamaged(err):
		return "the answer of " + peer.name + " says that it is packed (gzip) and cannot be unpacked: a proxy in between damages it"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return peer.name + " broke off the connection: try again, or look for what stands in between (a proxy, a firewall)"
	}
	return ""
}

// nameOf is the name that was looked up: the cluster's or a proxy's.
func (c *Client) nameOf(looked string) string {
	if looked == "" {
		return c.host
	}
	return strings.TrimSuffix(looked, ".")
}

// validity says when a certificate is valid.
func validity(cert *x509.Certificate) string {
	if cert == nil {
		return ""
	}
	const layout = "2006-01-02 15:04"
	return fmt.Sprintf(" (it is from %s to %s UTC)", cert.NotBefore.UTC().Format(layout), cert.NotAfter.UTC().Format(layout))
}

package deploy

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// StatusError is an answer of the cluster other than 2xx.
type StatusError struct {
	// Code is the HTTP status.
	Code int
	// Message is what the cluster said, as one bounded line without secrets;
	// it may be empty.
	Message string
	// Until is when the cluster answers again, if it said so.
	Until time.Time
}

// Error says what the answer means for the one who passed the credentials.
func (e *StatusError) Error() string {
	s := fmt.Sprintf("%s (%d)", e.meaning(), e.Code)
	if e.Message != "" {
		s += ": " + e.Message
	}
	if hint := e.hint(); hint != "" {
		s += "; " + hint
	}
	return s
}

func (e *StatusError) meaning() string {
	switch {
	case e.Code == http.StatusNotModified:
		return "a cache on the way to the cluster answered that nothing has changed, which nobody asked"
	case e.Code == http.StatusUnauthorized:
		return "the cluster refused the token"
	case e.Code == http.StatusForbidden:
		return "the token lacks the scope InstallerDownload"
	case e.Code == http.StatusNotFound:
		return "the cluster does not know what was asked for"
	case e.Code == http.StatusTooManyRequests:
		return "the cluster limits requests"
	case e.Code == http.StatusBadGateway, e.Code == http.StatusGatewayTimeout:
		return "a gateway in front of the cluster got no answer from it"
	case e.Code >= 500:
		return "the cluster failed"
	default:
		return "the cluster rejected the request"
	}
}

func (e *StatusError) hint() string {
	switch {
	case e.Code == http.StatusNotModified:
		return "go another way than by that proxy, or have it keep no answers of the cluster"
	case e.Code == http.StatusUnauthorized:
		return "check " + nameToken
	case e.Code == http.StatusForbidden:
		return "make one with it (PaaS integration - Installer download) and pass it as " + nameToken
	case e.Code == http.StatusNotFound:
		return "check " + nameURL + " and " + nameTenant
	case e.Code == http.StatusBadRequest && e.Message != "":
		return "check the options that it names"
	case !e.Until.IsZero():
		return fmt.Sprintf("it takes requests again in %s, at %s: try again then",
			time.Until(e.Until).Round(time.Second), e.Until.UTC().Format("15:04:05 UTC"))
	case e.Code == http.StatusTooManyRequests:
		return "try again in a minute"
	case e.Code >= 500:
		return "try again later"
	}
	return ""
}

// CallError is a call that got no usable answer. Its text is complete: what
// it unwraps to is for errors.Is, and is not to be printed.
type CallError struct {
	message string
	cause   error
	// final marks a failure that is the same at every try.
	final bool
}

// Error says in one line what happened, and what to check.
func (e *CallError) Error() string { return e.message }

// Unwrap returns the cause, for errors.Is and errors.As.
func (e *CallError) Unwrap() error { return e.cause }

// apiError is one error in the documented model of the API.
type apiError struct {
	Error struct {
		Message     string `json:"message"`
		Constraints []struct {
			Path    string `json:"path"`
			Message string `json:"message"`
		} `json:"constraintViolations"`
	} `json:"error"`
}

// statusError reads what the cluster says about its refusal: one error, a
// list of them, or nothing that is meant for us.
func (c *Client) statusError(res *http.Response) *StatusError {
	body, err := io.ReadAll(io.LimitReader(res.Body, maxJSON))
	if err != nil {
		body = nil
	}
	list := make([]apiError, 1)
	if json.Unmarshal(body, &list[0]) != nil && json.Unmarshal(body, &list) != nil {
		list = nil
	}
	var words []string
	for _, e := range list {
		words = append(words, e.Error.Message)
		for _, v := range e.Error.Constraints {
			words = append(words, strings.Trim(v.Path+": "+v.Message, ": "))
		}
	}
	return &StatusError{Code: res.StatusCode, Message: c.secrets.clean(strings.Join(nonEmpty(words), "; "))}
}

func nonEmpty(words []string) []string {
	var out []string
	for _, w := range words {
		if w = strings.TrimSuffix(strings.TrimSpace(w), "."); w != "" {
			out = append(out, w)
		}
	}
	return out
}

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
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return &CallError{message: c.secrets.clean(c.explain(err)), cause: err}
}

func (c *Client) explain(err error) string {
	var (
		dns       *net.DNSError
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		verify    *tls.CertificateVerificationError
		noRoots   x509.SystemRootsError
		record    tls.RecordHeaderError
		op        *net.OpError
		network   net.Error
		corrupt   flate.CorruptInputError
	)
	peer, check, silent := c.host, ": check "+nameURL, ": check "+nameURL+", and whether it can be reached from here by a proxy alone ("+nameProxy+" or HTTPS_PROXY)"
	switch {
	case errors.As(err, &op) && op.Op == "proxyconnect":
		peer = "the proxy (" + nameProxy + " or HTTPS_PROXY) for " + c.host
		check, silent = ": check its address", ": check its address"
	case c.base == "": // no API is asked
		check, silent = "", ""
	}
	switch {
	case errors.Is(err, context.Canceled):
		return "asking " + c.host + " was interrupted"
	case errors.Is(err, context.DeadlineExceeded):
		return peer + " did not answer in time" + silent
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Sprintf("cannot find host %s: check %s and %s", c.nameOf(dns.Name), nameURL, nameTenant)
	case errors.As(err, &dns):
		return fmt.Sprintf("cannot find host %s: the name server does not answer, check this machine's", c.nameOf(dns.Name))
	case errors.Is(err, syscall.ECONNREFUSED):
		return peer + " refused the connection" + check
	case errors.As(err, &authority), errors.As(err, &noRoots):
		return fmt.Sprintf("%s has a certificate of an unknown authority: pass that authority's certificate (PEM) as %s", peer, nameCA)
	case errors.As(err, &hostname):
		return fmt.Sprintf("%s has a certificate for other names: check %s, or renew the certificate with this name", peer, nameURL)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return peer + " has a certificate that is not valid now" + validity(invalid.Cert) + ": renew it, or set this machine's clock"
	case errors.As(err, &verify):
		return fmt.Sprintf("%s has a certificate that cannot be verified: %v", peer, verify.Err)
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return fmt.Sprintf("%s does not speak TLS: check %s", peer, nameURL)
	case errors.As(err, &network) && network.Timeout():
		return peer + " did not answer in time" + silent
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &corrupt):
		return "the answer of " + peer + " says that it is packed (gzip) and cannot be unpacked: a proxy in between damages it"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return peer + " broke off the connection: try again, or look for what stands in between (a proxy, a firewall)"
	}
	if errors.As(err, &op) {
		// Without the address that was tried, which may be a secret's.
		return fmt.Sprintf("cannot reach %s: %v", peer, op.Err)
	}
	return fmt.Sprintf("asking %s: %v", peer, err)
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

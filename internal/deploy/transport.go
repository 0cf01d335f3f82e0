package deploy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/org/dt-frontend/internal/agent/variable"
	"github.com/org/dt-frontend/internal/deploy/authority"
	"github.com/org/dt-frontend/internal/scan"
)

// maxRedirects is what an API behind a load balancer may need, and no more.
const maxRedirects = 3

// maxHeader bounds the header of an answer, in bytes. Clusters and proxies send
// a few kilobytes; net/http would take 10 MB of every answer.
const maxHeader = 64 << 10

func transport(o Options, plain bool, secrets *scan.Redactor) (*http.Transport, error) {
	t := &http.Transport{
		DialContext:         dialer().DialContext,
		TLSHandshakeTimeout: dialTimeout,
		DisableCompression:  true, // see Client.try

		MaxResponseHeaderBytes: maxHeader,
		// What comes behind the end of an answer net/http prints when it keeps
		// the connection, and that may be a token's other half. Few requests
		// are made, and most at the same time.
		DisableKeepAlives: true,
		// One request at a time needs no HTTP/2.
		Protocols: new(http.Protocols),
	}
	t.Protocols.SetHTTP1(true)
	proxy, err := proxyFunc(o.Proxy, plain, secrets)
	if err != nil {
		return nil, err
	}
	t.Proxy = proxy
	t.OnProxyConnectResponse = checkProxy
	// Damaged certificates are an error even where none is needed.
	roots, err := rootCAs(o.RootCAs)
	if err != nil {
		return nil, err
	}
	if !plain {
		t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	}
	return t, nil
}

// rootCAs returns the system's certificates and those in pem, or nil, which
// means the system's to crypto/tls.
func rootCAs(pem []byte) (*x509.CertPool, error) {
	if len(pem) == 0 {
		return nil, nil
	}
	given, err := authority.ParseTrusted(pem)
	if err != nil {
		return nil, fmt.Errorf("invalid %s: %w", variable.CACert, err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	given.AddTo(pool)
	return pool, nil
}

func proxyFunc(raw string, plain bool, secrets *scan.Redactor) (func(*http.Request) (*url.URL, error), error) {
	if plain {
		// Through a proxy the token would leave the private network.
		return nil, nil
	}
	if raw = trim(raw); raw != "" {
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "socks5" {
			return nil, errors.New(variable.Proxy + " is no URL of a proxy: want http://host:port")
		}
		secrets.AddUser(variable.Proxy, u)
		return http.ProxyURL(u), nil
	}
	return func(r *http.Request) (*url.URL, error) {
		u, err := http.ProxyFromEnvironment(r)
		if err != nil {
			// The error prints the value with its password.
			return nil, &CallError{message: systemProxy + " is no URL of a proxy: want http://host:port", final: true}
		}
		if u != nil {
			secrets.AddUser(systemProxy, u)
		}
		return u, nil
	}, nil
}

// checkProxy says who refused: to net/http it is the status text alone.
func checkProxy(_ context.Context, _ *url.URL, _ *http.Request, res *http.Response) error {
	if res.StatusCode == http.StatusOK {
		return nil
	}
	return &CallError{
		message: fmt.Sprintf("the proxy refused to connect to the cluster (%d %s): check %s or %s", res.StatusCode, http.StatusText(res.StatusCode), variable.Proxy, systemProxy),
		final:   res.StatusCode < 500,
	}
}

// checkRedirect lets a cluster send us elsewhere on itself. The token goes
// nowhere else: net/http would still send it to subdomains.
func checkRedirect(req *http.Request, via []*http.Request) error {
	from := via[len(via)-1].URL
	switch {
	case len(via) > maxRedirects:
		return redirectError("the cluster redirects without end")
	case from.Scheme == "https" && req.URL.Scheme != "https":
		return redirectError("the cluster redirects to plain http: refused, since that would show the token")
	case req.URL.Host != from.Host:
		return redirectError("the cluster redirects to another host: refused, since the token is not for it; check " + variable.APIURL)
	case req.URL.User != nil:
		return redirectError("the cluster redirects to a URL with a password: refused")
	}
	return nil
}

func redirectError(message string) error {
	return &CallError{message: message, final: true}
}

// isLargeHeader reports whether net/http refused an answer whose header is larger
// than maxHeader. The error has no type of its own.
//
// Source: net/http, persistConn.readLoop.
func isLargeHeader(err error) bool {
	return strings.Contains(err.Error(), "response headers exceeded")
}

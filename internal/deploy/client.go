package deploy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/org/dt-frontend/internal/agent/variable"
	"github.com/org/dt-frontend/internal/scan"
)

// apiPath is the part of the API that this package speaks to.
const apiPath = "/v1/deployment/installer/agent"

// maxJSON bounds an answer that is held in memory.
const maxJSON = 1 << 20

// DefaultTimeout bounds a call where Options does not.
const DefaultTimeout = 30 * time.Second

// Options are what a client may be told besides the credentials.
type Options struct {
	// RootCAs are certificates in PEM form, added to the system's.
	RootCAs []byte
	// Proxy is the URL of an HTTP proxy. Where it is empty the environment's
	// HTTPS_PROXY and NO_PROXY count. A cluster at plain http, which is near
	// by definition, is always asked directly.
	Proxy string
	// UserAgent names the program.
	UserAgent string
	// Timeout bounds a call with its retries, name resolution and TLS
	// included; for Get until the body begins. Zero is DefaultTimeout.
	Timeout time.Duration
	// Patience is how long, in all, the client waits beyond Timeout where the
	// cluster limits requests and says until when. Zero keeps to Timeout.
	Patience time.Duration
	// OnWait is called before each such wait.
	OnWait func(time.Duration)
}

// Client asks one environment.
type Client struct {
	base     string
	host     string
	token    string
	agent    string
	roots    bool // whether Options has certificates
	timeout  time.Duration
	patience patience
	http     *http.Client
	secrets  *scan.Redactor
}

// errNoCredentials is a mistake of the program's.
var errNoCredentials = errors.New("there are no credentials to ask a cluster with")

// New returns a client for the environment that c names. It does no I/O but
// reading the system's certificates.
func New(c Credentials, o Options) (*Client, error) {
	if c == (Credentials{}) {
		return nil, errNoCredentials
	}
	u, err := url.Parse(c.url)
	if err != nil {
		return nil, errors.New(variable.APIURL + " is no URL")
	}
	cl := &Client{
		base:     c.url + apiPath,
		host:     u.Host,
		token:    c.token,
		agent:    o.UserAgent,
		roots:    len(o.RootCAs) > 0,
		timeout:  o.Timeout,
		patience: patience{total: o.Patience, onWait: o.OnWait},
		secrets: scan.NewRedactor(
			scan.Value{Kind: variable.APIToken, Value: c.token},
			scan.Value{Kind: variable.Tenant, Value: c.tenant},
		),
	}
	if cl.agent == "" {
		cl.agent = "dt-frontend"
	}
	if cl.timeout <= 0 {
		cl.timeout = DefaultTimeout
	}
	t, err := transport(o, c.InsecureHTTP(), cl.secrets)
	if err != nil {
		return nil, err
	}
	cl.http = &http.Client{Transport: t, CheckRedirect: checkRedirect}
	return cl, nil
}

// Get sends a GET for path, which is below the API's agent folder, with the
// token in the header, and returns an answer of 2xx, or 304 where header asks
// for that. The caller closes the body, which ctx alone bounds.
func (c *Client) Get(ctx context.Context, path string, query url.Values, header http.Header) (*http.Response, error) {
	b := c.begin(ctx)
	res, err := retry(b, func() (*http.Response, error) {
		return c.try(b.ctx, path, query, header)
	})
	b.timer.Stop()
	if err != nil {
		b.cancel(nil)
		return nil, err
	}
	res.Body = &body{ReadCloser: res.Body, cancel: b.cancel}
	return res, nil
}

// body ends its request's context when it is closed.
type body struct {
	io.ReadCloser
	cancel context.CancelCauseFunc
}

// Close closes the connection or hands it back.
func (b *body) Close() error {
	err := b.ReadCloser.Close()
	b.cancel(nil)
	return err
}

// getJSON asks for a small document and decodes it into v.
func (c *Client) getJSON(ctx context.Context, path string, query url.Values, v any) error {
	b := c.begin(ctx)
	defer b.cancel(nil)
	defer b.timer.Stop()
	_, err := retry(b, func() (struct{}, error) {
		var none struct{}
		res, err := c.try(b.ctx, path, query, http.Header{"Accept": {"application/json"}})
		if err != nil {
			return none, err
		}
		defer res.Body.Close()
		dt, err := io.ReadAll(io.LimitReader(res.Body, maxJSON+1))
		if err == nil {
			// A server that sees us leave may end its answer as if it were whole.
			err = context.Cause(b.ctx)
		}
		if err != nil {
			return none, c.describe(b.ctx, err)
		}
		return none, c.decode(dt, v)
	})
	return err
}

func (c *Client) decode(b []byte, v any) error {
	if len(b) > maxJSON {
		return c.unusable("larger than %d bytes", maxJSON)
	}
	b = bytes.TrimPrefix(bytes.TrimSpace(b), []byte("\ufeff"))
	switch {
	case len(b) == 0:
		return c.unusable("empty")
	case b[0] == '<':
		return c.unusable("a web page: check %s", variable.APIURL)
	}
	// The decoder's error may quote a value.
	if err := json.Unmarshal(b, v); err != nil {
		return c.unusable("no JSON of the expected form: check %s", variable.APIURL)
	}
	return nil
}

// unusable is a 200 whose content is of no use, however often one asks.
func (c *Client) unusable(format string, args ...any) error {
	return &CallError{
		message: clean(c.secrets, "the answer of "+c.host+" is "+fmt.Sprintf(format, args...)),
		final:   true,
	}
}

// try sends one request.
func (c *Client) try(ctx context.Context, path string, query url.Values, header http.Header) (*http.Response, error) {
	target := c.base + "/" + strings.TrimPrefix(path, "/")
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, &CallError{message: "cannot ask " + c.host + " for this path", cause: err, final: true}
	}
	for k, v := range header {
		req.Header[http.CanonicalHeaderKey(k)] = v
	}
	// An installer is compressed already, and its bytes are what counts.
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("Authorization", authorization(c.token))
	req.Header.Set("User-Agent", c.agent)
	res, err := c.http.Do(req)
	if err != nil {
		return nil, c.describe(ctx, err)
	}
	unknown := decodeBody(res)
	if res.StatusCode/100 == 2 && unknown != "" {
		_ = res.Body.Close()
		return nil, c.unusable("encoded (%s), which nobody asked for: a proxy in between changes answers, have it leave them as they are", unknown)
	}
	if res.StatusCode/100 == 2 || res.StatusCode == http.StatusNotModified && req.Header.Get("If-None-Match") != "" {
		return res, nil
	}
	defer res.Body.Close()
	return nil, c.refused(res)
}

func (c *Client) refused(res *http.Response) error {
	status := c.statusError(res)
	if status.Code == http.StatusTooManyRequests || status.Code == http.StatusServiceUnavailable {
		if wait, ok := resetAfter(res.Header, time.Now()); ok {
			return &limitedError{StatusError: status, wait: wait}
		}
	}
	return status
}

// dialTimeout bounds one connection attempt, so that there is time for
// another.
const dialTimeout = 10 * time.Second

func dialer() *net.Dialer {
	return &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
}

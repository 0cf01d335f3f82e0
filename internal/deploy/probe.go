package deploy

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/org/dt-frontend/internal/scan"
)

// Probe asks whether a communication endpoint answers, with whatever status.
// No credentials are sent. Errors call it by name, and do not say where it is.
func Probe(ctx context.Context, endpoint, name string, o Options) error {
	u, err := url.Parse(trim(endpoint))
	if err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New(name + " is no URL: want https://host/communication")
	}
	c := &Client{host: name, roots: len(o.RootCAs) > 0, secrets: scan.NewRedactor(
		scan.Value{Kind: name, Value: u.Host},
		scan.Value{Kind: name, Value: u.Hostname()},
	)}
	t, err := transport(o, u.Scheme == "http", c.secrets)
	if err != nil {
		return err
	}
	defer t.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return errors.New(name + " is no URL: want https://host/communication")
	}
	req.Header.Set("User-Agent", o.UserAgent)
	// Another address would not be the agent's.
	res, err := t.RoundTrip(req)
	if err != nil {
		return c.describe(ctx, err)
	}
	return res.Body.Close()
}

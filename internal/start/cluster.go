package start

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/org/dt-frontend/internal/deploy"
)

// Cluster answers one request.
type Cluster interface {
	ConnectionInfo(context.Context, Request) (*deploy.ConnectionInfo, error)
}

// Request is what a cluster is asked with.
type Request struct {
	Credentials deploy.Credentials
	NetworkZone string
	// RootCAs is PEM, added to the system's.
	RootCAs []byte
	// Proxy is empty where the environment's HTTPS_PROXY counts.
	Proxy string
	// Timeout bounds all of it.
	Timeout time.Duration
}

// Deployment returns the Cluster that asks the Deployment API.
func Deployment(userAgent string) Cluster { return deployment(userAgent) }

type deployment string

func (d deployment) ConnectionInfo(ctx context.Context, r Request) (*deploy.ConnectionInfo, error) {
	c, err := deploy.New(r.Credentials, deploy.Options{
		RootCAs:   r.RootCAs,
		Proxy:     r.Proxy,
		UserAgent: string(d),
		Timeout:   r.Timeout,
	})
	if err != nil {
		return nil, err
	}
	return c.ConnectionInfo(ctx, r.NetworkZone)
}

// details asks the cluster where the source does not have them.
func (p *planner) details(ctx context.Context, s *Source) (*Details, error) {
	if s.Details != nil {
		return s.Details, nil
	}
	r, err := p.request(s)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	info, err := p.ask(ctx, r)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("%w (%s=%s)", err, varTimeout, p.options.timeout)
		}
		return nil, fmt.Errorf("asking for connection info with %s: %w", s.Name, err)
	}
	if len(info.Endpoints) == 0 {
		return nil, errors.New("the cluster names no communication endpoints")
	}
	p.plan.Log.debug(fmt.Sprintf("the cluster answered in %s", time.Since(began).Round(time.Millisecond)))
	return &Details{
		Tenant:          info.Tenant,
		TenantToken:     info.TenantToken,
		ConnectionPoint: strings.Join(info.Endpoints, ";"),
	}, nil
}

func (p *planner) request(s *Source) (Request, error) {
	c, err := s.Credentials.Normalize()
	if err != nil {
		return Request{}, fmt.Errorf("%s: %w", s.Name, err)
	}
	if c.InsecureHTTP() {
		p.plan.Log.add(levelWarn, "the cluster is asked over plain http: whoever can listen on the way sees the token")
	}
	zone := p.user.trimmed(varNetworkZone)
	if zone == "" {
		zone = s.NetworkZone
	}
	r := Request{Credentials: c, NetworkZone: zone, Proxy: p.user.trimmed(varProxy), Timeout: p.options.timeout}
	r.RootCAs, err = p.rootCAs()
	return r, err
}

// rootCAs takes certificates or the name of a file with them.
func (p *planner) rootCAs() ([]byte, error) {
	s := p.user.trimmed(varCACert)
	switch {
	case s == "":
		return nil, nil
	case strings.Contains(s, "-----BEGIN"):
		return []byte(s), nil
	case strings.Contains(s, "\n"):
		return nil, fmt.Errorf("%s holds neither PEM nor the path of a file", varCACert)
	}
	b, err := read(p.in.Files, s, maxSecret)
	if err != nil {
		return nil, fmt.Errorf("reading the file that %s names: %w", varCACert, err)
	}
	return b, nil
}

// grace is what the request gets to notice that its time is up. What follows
// does not wait for it: an exec ends it.
const grace = 20 * time.Millisecond

// ask bounds the request by time, whether or not it heeds its context.
func (p *planner) ask(ctx context.Context, r Request) (*deploy.ConnectionInfo, error) {
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	type answer struct {
		info *deploy.ConnectionInfo
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		var a answer
		a.err = p.safely(func() (err error) {
			a.info, err = p.in.Cluster.ConnectionInfo(ctx, r)
			return err
		})
		answered <- a
	}()
	late := time.NewTimer(r.Timeout + grace)
	defer late.Stop()
	select {
	case a := <-answered:
		return a.info, a.err
	case <-late.C:
		return nil, fmt.Errorf("the cluster did not answer in time: %w", context.DeadlineExceeded)
	}
}

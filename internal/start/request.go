package start

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/variable"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/scan/value"
)

// details asks the cluster where the source does not have them.
func (p *planner) details(ctx context.Context, s *Source) (*Details, error) {
	if s.Details != nil {
		return s.Details, nil
	}
	r, err := p.newRequest(s)
	if err != nil {
		return nil, err
	}
	return p.connection(ctx, s, r)
}

func (p *planner) connection(ctx context.Context, s *Source, r Request) (_ *Details, err error) {
	began := time.Now()
	defer func() { p.answer = answered(began, err) }()
	info, err := ask(ctx, r.Timeout, grace, func(ctx context.Context) (*deploy.ConnectionInfo, error) {
		return p.in.Cluster.ConnectionInfo(ctx, r)
	})
	if err != nil {
		return nil, fmt.Errorf("asking for connection info with %s: %w", s.Name, p.nameTimeout(err, varTimeout, r.Timeout))
	}
	p.hide(variable.KindTenantToken, info.TenantToken)
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

// newRequest is the one place where a token is put into a request.
func (p *planner) newRequest(s *Source) (Request, error) {
	if err := p.refuseSteered("the API token of "+s.Name, append(agent.CertificateVariables[:len(agent.CertificateVariables):len(agent.CertificateVariables)], s.Steering...)...); err != nil {
		return Request{}, err
	}
	if s.api.err != nil {
		return Request{}, fmt.Errorf("%s: %w", s.Name, s.api.err)
	}
	c := s.api.credentials
	p.hide(variable.KindAPIToken, c.Token())
	if c.InsecureHTTP() {
		p.plan.Log.add(levelWarn, "the cluster is asked over plain http: whoever can listen on the way sees the token")
	}
	r, err := p.baseRequest(s)
	if err != nil {
		return Request{}, err
	}
	r.Credentials, r.Version = c, p.settings.Version
	if r.NetworkZone, err = p.networkZone(s); err != nil {
		return Request{}, err
	}
	p.request = &r
	return r, nil
}

// baseRequest is a request as far as it does not depend on whom it is for.
func (p *planner) baseRequest(s *Source) (Request, error) {
	proxy, err := p.given(varProxy)
	if err != nil {
		return Request{}, err
	}
	if proxy == "" {
		proxy = s.preset(varProxy)
	}
	roots, err := p.rootCAs()
	return Request{Proxy: proxy, RootCAs: roots, Timeout: p.options.timeout}, err
}

// rootCAs takes certificates or the name of a file with them.
func (p *planner) rootCAs() ([]byte, error) {
	s, err := value.Text(varCACert, p.user.get(varCACert))
	switch {
	case err != nil:
		return nil, err
	case s == "":
		return nil, nil
	case strings.ContainsAny(s, "\n\r") || strings.Contains(s, "-----"):
		// Whoever reads it says what is wrong with it.
		return []byte(s), nil
	}
	b, err := read(p.in.Files, s, maxSecret)
	if err != nil {
		return nil, fmt.Errorf("reading the file that %s names: %w", varCACert, err)
	}
	text, err := value.Text(varCACert, string(b))
	switch {
	case err != nil:
		return nil, err
	case text == "":
		return nil, fmt.Errorf("the file that %s names is empty", varCACert)
	}
	return []byte(text), nil
}

// nameTimeout names the variable that could give what was too slow more time.
func (p *planner) nameTimeout(err error, name string, limit time.Duration) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w (%s=%s)", err, name, limit)
	}
	return err
}

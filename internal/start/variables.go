package start

import (
	"strings"

	"github.com/org/dt-frontend/internal/agent/variable"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/scan/value"
)

// The agent's own variables.
const (
	varTenant          = variable.Tenant
	varTenantToken     = variable.TenantToken
	varConnectionPoint = variable.ConnectionPoint
	varNetworkZone     = variable.NetworkZone
)

// The variables for the API.
const (
	varAPIURL   = variable.APIURL
	varAPIToken = variable.APIToken
	varCACert   = variable.CACert
	varProxy    = variable.Proxy
	fileSuffix  = variable.FileSuffix
)

// maxSecret bounds a file that should hold one word or one certificate chain.
const maxSecret = 256 << 10

// agentVariables is the source that needs no network.
func agentVariables(p *planner) (*Source, error) {
	if p.user.trimmed(varTenantToken) == "" && p.user.trimmed(varConnectionPoint) == "" {
		// A tenant alone is the API's.
		return nil, nil
	}
	d := &Details{}
	var missing []string
	for _, v := range []struct {
		name string
		to   *string
	}{
		{varTenant, &d.Tenant}, {varTenantToken, &d.TenantToken}, {varConnectionPoint, &d.ConnectionPoint},
	} {
		s, err := p.given(v.name)
		if err != nil {
			return nil, err
		}
		if *v.to = s; s == "" {
			missing = append(missing, v.name)
		}
	}
	if len(missing) > 0 {
		return nil, incomplete("%s is not set beside the other agent variables", strings.Join(missing, " and "))
	}
	if err := p.refuseSteered(varTenantToken, varConnectionPoint); err != nil {
		// Another source may have details that the image has no say in.
		return nil, invalid(err)
	}
	return &Source{Name: "the agent variables", Details: d}, nil
}

// given returns the value of a variable. Its error says in one sentence what a
// tool has made of it on its way, such as quotes around it.
func (p *planner) given(name string) (string, error) {
	s, err := value.Read(name, p.user.get(name))
	if err != nil {
		return "", invalid(err)
	}
	return s, nil
}

// apiVariables are the details for asking, as variables or as files.
func apiVariables(p *planner) (*Source, error) {
	var c deploy.RawCredentials
	for _, v := range []struct {
		name string
		to   *string
	}{{varAPIURL, &c.URL}, {varAPIToken, &c.Token}, {varTenant, &c.Tenant}} {
		s, err := p.variable(v.name)
		if err != nil {
			return nil, err
		}
		*v.to = s
	}
	switch {
	case c.Token == "" && c.URL == "" && p.user.trimmed(varTenantToken) == "" && c.Tenant != "":
		return nil, incomplete("%s is set alone: set %s and %s beside it, or %s", varTenant, varTenantToken, varConnectionPoint, varAPIToken)
	case c.Token == "" && c.URL == "":
		return nil, nil
	case c.Token == "":
		return nil, incomplete("%s is not set beside %s", varAPIToken, varAPIURL)
	case c.Tenant == "":
		return nil, incomplete("%s is not set beside %s", varTenant, varAPIToken)
	}
	return &Source{Name: "the API variables", api: newAPIDetails(c), Steering: []string{p.named(varAPIURL)}}, nil
}

// named returns the variable that [planner.variable] reads: NAME or NAME_FILE.
func (p *planner) named(name string) string {
	if p.user.trimmed(name) != "" {
		return name
	}
	return name + fileSuffix
}

// variable returns what NAME holds, or the file that NAME_FILE names.
func (p *planner) variable(name string) (string, error) {
	if s, err := p.given(name); s != "" || err != nil {
		return s, err
	}
	file, err := p.given(name + fileSuffix)
	if file == "" || err != nil {
		return "", err
	}
	b, err := read(p.in.Files, file, maxSecret)
	if err != nil {
		return "", incomplete("reading the file of %s: %v", name+fileSuffix, err)
	}
	s, err := value.Read(name+fileSuffix, string(b))
	if err != nil {
		return "", invalid(err)
	}
	return s, nil
}

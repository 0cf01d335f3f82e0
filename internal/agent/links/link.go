package links

import (
	"github.com/org/dt-frontend/internal/agent/address"
	"github.com/org/dt-frontend/internal/agent/variable"
	"github.com/org/dt-frontend/internal/scan"
)

// Kind says what a link is; it is what a finding names.
type Kind = variable.Kind

// The kinds of links.
const (
	Tenant      = variable.KindTenant
	TenantToken = variable.KindTenantToken
	APIToken    = variable.KindAPIToken
	APIAddress  = variable.KindAPIAddress
	Endpoint    = variable.KindEndpoint
	Proxy       = variable.KindProxy
	Setting     = variable.KindSetting
)

// Link is a value that ties an agent to a cluster.
type Link struct {
	Kind  Kind
	Value string
}

// Values returns what to look for so that no trace of the link is left. A mere
// setting is not a secret, and any file may hold the word. A value of which a
// part is known to a running shell alone stands nowhere as it is.
func (l Link) Values() []scan.Value {
	if !l.isKnown() {
		return nil
	}
	switch l.Kind {
	case Setting:
		return nil
	case APIAddress:
		out := scan.Address(string(l.Kind), l.Value)
		for _, other := range address.Others(l.Value) {
			out = append(out, scan.Address(string(l.Kind), other)...)
		}
		return out
	case Endpoint, Proxy:
		return scan.Address(string(l.Kind), l.Value)
	}
	return []scan.Value{{Kind: string(l.Kind), Value: l.Value}}
}

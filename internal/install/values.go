package install

import (
	"slices"

	"github.com/org/dt-frontend/internal/agent/links"
	"github.com/org/dt-frontend/internal/agent/variable"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/install/secret"
	"github.com/org/dt-frontend/internal/scan"
)

// secretValues lists what can be looked for without asking the cluster. Certificates are
// public.
func secretValues(secrets secret.Set) []scan.Value {
	var out []scan.Value
	for id, v := range secrets.All() {
		if kind := variable.KindOf(id); kind != variable.KindCertificate {
			out = append(out, links.Link{Kind: kind, Value: v}.Values()...)
		}
	}
	return out
}

// forbiddenValues lists what may be nowhere in an image: fingerprint, too, unless it
// is empty.
func forbiddenValues(secrets secret.Set, info *deploy.ConnectionInfo, fingerprint string) ([]scan.Value, error) {
	c, err := secrets.Credentials()
	if err != nil {
		return nil, err
	}
	all := []links.Link{
		{Kind: links.Tenant, Value: info.Tenant},
		{Kind: links.TenantToken, Value: info.TenantToken},
		{Kind: variable.KindFingerprint, Value: fingerprint},
		// The address as it was given may be another host's.
		{Kind: links.APIAddress, Value: c.URL()},
	}
	for _, e := range slices.Concat(info.Endpoints, info.Others) {
		all = append(all, links.Link{Kind: links.Endpoint, Value: e})
	}
	out := secretValues(secrets)
	for _, l := range all {
		out = append(out, l.Values()...)
	}
	return out, nil
}

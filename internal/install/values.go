package install

import (
	"slices"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/links"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/install/secret"
	"github.com/org/dt-frontend/internal/scan"
)

// given lists what can be looked for without asking the cluster.
func given(secrets secret.Set) []scan.Value {
	out := []scan.Value{
		{Kind: "API token", Value: secrets[agent.SecretAPIToken]},
		{Kind: "environment id", Value: secrets[agent.SecretTenant]},
	}
	out = append(out, apiAddress(secrets[agent.SecretAPIURL])...)
	return append(out, scan.Address("proxy", secrets[agent.SecretProxy])...)
}

func apiAddress(url string) []scan.Value {
	return links.Link{Kind: links.APIAddress, Value: url}.Values()
}

// forbidden lists what may be nowhere in an image: fingerprint, too, unless it
// is empty.
func forbidden(secrets secret.Set, info *deploy.ConnectionInfo, fingerprint string) ([]scan.Value, error) {
	c, err := secrets.Credentials()
	if err != nil {
		return nil, err
	}
	out := []scan.Value{
		{Kind: "API token", Value: c.Token},
		{Kind: "environment id", Value: c.Tenant},
		{Kind: "environment id", Value: info.Tenant},
		{Kind: "tenant token", Value: info.TenantToken},
		{Kind: "fingerprint", Value: fingerprint},
	}
	// The address as it was given may be another host's.
	out = append(out, apiAddress(secrets[agent.SecretAPIURL])...)
	out = append(out, apiAddress(c.URL)...)
	if p := secrets[agent.SecretProxy]; p != "" {
		out = append(out, scan.Address("proxy", p)...)
	}
	for _, e := range slices.Concat(info.Endpoints, info.Others) {
		out = append(out, scan.Address("communication endpoint", e)...)
	}
	return out, nil
}

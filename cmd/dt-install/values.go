package main

import (
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/org/dt-frontend/internal/secret"
)

// given lists what can be looked for without asking the cluster.
func given(secrets secret.Set) []scan.Value {
	out := []scan.Value{
		{Kind: "API token", Value: secrets[agent.SecretAPIToken]},
		{Kind: "environment id", Value: secrets[agent.SecretTenant]},
	}
	out = append(out, scan.Address("API address", secrets[agent.SecretAPIURL])...)
	return append(out, scan.Address("proxy", secrets[agent.SecretProxy])...)
}

// forbidden lists what may be nowhere in an image: fingerprint, too, unless it
// is empty.
func forbidden(secrets secret.Set, links *deploy.ConnectionInfo, fingerprint string) ([]scan.Value, error) {
	c, err := secrets.Credentials()
	if err != nil {
		return nil, err
	}
	out := []scan.Value{
		{Kind: "API token", Value: c.Token},
		{Kind: "environment id", Value: c.Tenant},
		{Kind: "environment id", Value: links.Tenant},
		{Kind: "tenant token", Value: links.TenantToken},
		{Kind: "fingerprint", Value: fingerprint},
	}
	out = append(out, scan.Address("API address", c.URL)...)
	if p := secrets[agent.SecretProxy]; p != "" {
		out = append(out, scan.Address("proxy", p)...)
	}
	for _, e := range links.Endpoints {
		out = append(out, scan.Address("communication endpoint", e)...)
	}
	return out, nil
}

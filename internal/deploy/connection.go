package deploy

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// ConnectionInfo is what an agent needs to reach its cluster.
type ConnectionInfo struct {
	// Tenant is the environment's id.
	Tenant string
	// TenantToken is a secret of the environment; it is no API token.
	TenantToken string
	// Endpoints are in the cluster's order of priority, without doubles.
	Endpoints []string
}

// ConnectionInfo asks how agents reach the cluster; from networkZone, if that
// is not empty, or from the default zone where the cluster does not know it.
// Version is the agent's exact version, or empty if it is unknown: the cluster
// answers an agent in the form that agents of its version read.
func (c *Client) ConnectionInfo(ctx context.Context, networkZone, version string) (*ConnectionInfo, error) {
	query := url.Values{}
	if v := agent.MinorVersion(version); v != "" {
		query.Set("version", v)
	}
	if networkZone = trim(networkZone); networkZone != "" {
		query.Set("networkZone", networkZone)
		query.Set("defaultZoneFallback", "true")
	}
	var answer connectionAnswer
	if err := c.getJSON(ctx, "/connectioninfo", query, &answer); err != nil {
		return nil, err
	}
	info := answer.info()
	c.secrets.add(info.TenantToken, hidden)
	switch {
	case info.Tenant == "" || info.TenantToken == "":
		return nil, c.unusable("without an environment id or a tenant token")
	case !info.printable():
		return nil, c.unusable("made of characters that do not belong there")
	}
	return info, nil
}

// connectionAnswer is the documented form. Older documents have the formatted
// endpoints as an array, and any of it null.
type connectionAnswer struct {
	Tenant      string    `json:"tenantUUID"`
	TenantToken string    `json:"tenantToken"`
	Endpoints   endpoints `json:"communicationEndpoints"`
	Formatted   endpoints `json:"formattedCommunicationEndpoints"`
}

func (a *connectionAnswer) info() *ConnectionInfo {
	// Both say the same. What only one names is not lost.
	list := slices.Clone(a.Formatted)
	for _, e := range a.Endpoints {
		if !slices.Contains(list, e) {
			list = append(list, e)
		}
	}
	return &ConnectionInfo{Tenant: trim(a.Tenant), TenantToken: trim(a.TenantToken), Endpoints: list}
}

// printable guards what becomes environment variables and configuration
// files: neither can hold NUL or a line break.
func (i *ConnectionInfo) printable() bool {
	for _, s := range append([]string{i.Tenant, i.TenantToken}, i.Endpoints...) {
		if !only(s, isVisible) {
			return false
		}
	}
	return true
}

// endpoints is a list that may come as one string.
type endpoints []string

// UnmarshalJSON takes null, a string with semicolons, and an array of such.
func (e *endpoints) UnmarshalJSON(b []byte) error {
	var one *string
	if json.Unmarshal(b, &one) == nil {
		if one != nil {
			*e = split([]string{*one})
		}
		return nil
	}
	var many []*string
	if err := json.Unmarshal(b, &many); err != nil {
		return err
	}
	var list []string
	for _, s := range many {
		if s != nil {
			list = append(list, *s)
		}
	}
	*e = split(list)
	return nil
}

func split(list []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range list {
		for one := range strings.SplitSeq(s, ";") {
			if one = trim(one); one != "" && !seen[one] {
				seen[one] = true
				out = append(out, one)
			}
		}
	}
	return slices.Clip(out)
}

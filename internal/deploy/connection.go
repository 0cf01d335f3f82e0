package deploy

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/variable"
	"github.com/org/dt-frontend/internal/scan"
)

// ConnectionInfo is what an agent needs to reach its cluster.
type ConnectionInfo struct {
	// Tenant is the environment's id.
	Tenant string
	// TenantToken is a secret of the environment; it is no API token.
	TenantToken string
	// Endpoints are what an agent connects to, in the cluster's order of priority,
	// each once.
	Endpoints []string
	// Others are endpoints that the answer names besides. No agent is given them,
	// but they name the environment just as well, so no image may hold one.
	Others []string
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
	c.secrets.Add(scan.Value{Kind: string(variable.KindTenantToken), Value: info.TenantToken})
	switch {
	case info.Tenant == "" || info.TenantToken == "":
		return nil, c.unusable("without an environment id or a tenant token")
	case !answer.printable() || !info.printable():
		return nil, c.unusable("made of characters that do not belong there")
	}
	return info, nil
}

// connectionAnswer is the documented form. Older documents have the formatted
// endpoints as an array, and any of it null.
type connectionAnswer struct {
	Tenant      string `json:"tenantUUID"`
	TenantToken string `json:"tenantToken"`
	Endpoints   texts  `json:"communicationEndpoints"`
	// Formatted has the same endpoints as a text whose form depends on the
	// version that is asked for. What is made for an agent's configuration file
	// is not read for anything else.
	Formatted texts `json:"formattedCommunicationEndpoints"`
}

func (a *connectionAnswer) info() *ConnectionInfo {
	all := agent.Endpoints(strings.Join(slices.Concat(a.Endpoints, a.Formatted), ";"))
	own := agent.Endpoints(strings.Join(a.Endpoints, ";"))
	// The agent's own come first in all.
	return &ConnectionInfo{
		Tenant: trim(a.Tenant), TenantToken: trim(a.TenantToken),
		Endpoints: own, Others: slices.Clip(all[len(own):]),
	}
}

// printable reports whether no text of the answer has a control character, at
// which it would be split without a word.
func (a *connectionAnswer) printable() bool {
	for _, s := range slices.Concat(a.Endpoints, a.Formatted) {
		if strings.ContainsFunc(trim(s), unicode.IsControl) {
			return false
		}
	}
	return true
}

// printable guards what becomes environment variables and configuration
// files: neither can hold NUL or a line break.
func (i *ConnectionInfo) printable() bool {
	for _, s := range slices.Concat([]string{i.Tenant, i.TenantToken}, i.Endpoints, i.Others) {
		if !only(s, isVisible) {
			return false
		}
	}
	return true
}

// texts is a list of strings that may come as one string, or as null.
type texts []string

// UnmarshalJSON takes null, a string, and an array of strings and null.
func (e *texts) UnmarshalJSON(b []byte) error {
	var one *string
	if json.Unmarshal(b, &one) == nil {
		if one != nil {
			*e = texts{*one}
		}
		return nil
	}
	var many []*string
	if err := json.Unmarshal(b, &many); err != nil {
		return err
	}
	for _, s := range many {
		if s != nil {
			*e = append(*e, *s)
		}
	}
	return nil
}

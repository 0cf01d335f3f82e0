package deploy

import (
	"context"
	"net/url"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// LatestVersion asks for the environment's target version, which is what its
// owners chose and not always the newest.
func (c *Client) LatestVersion(ctx context.Context, flavor agent.Flavor, arch agent.Arch) (string, error) {
	query := url.Values{
		"flavor":  {string(flavor)},
		"arch":    {string(arch)},
		"bitness": {"64"},
	}
	var answer struct {
		Version string `json:"latestAgentVersion"`
	}
	if err := c.getJSON(ctx, "/unix/paas-sh/latest/metainfo", query, &answer); err != nil {
		return "", err
	}
	if !ValidVersion(answer.Version) {
		return "", c.unusable("without a version as 1.305.152.20241113-104505")
	}
	return answer.Version, nil
}

// ValidVersion reports whether s is an exact agent version:
// three numbers, a date and a time, as in 1.305.152.20241113-104505.
func ValidVersion(s string) bool {
	if len(s) > 64 {
		return false
	}
	part := strings.Split(s, ".")
	if len(part) != 4 {
		return false
	}
	date, clock, ok := strings.Cut(part[3], "-")
	if !ok || len(date) != 8 || len(clock) != 6 {
		return false
	}
	for _, p := range []string{part[0], part[1], part[2], date, clock} {
		if p == "" || !only(p, isDigit) {
			return false
		}
	}
	return true
}

// Versions asks which versions the environment offers, in the cluster's order.
func (c *Client) Versions(ctx context.Context, flavor agent.Flavor, arch agent.Arch) ([]string, error) {
	query := url.Values{
		"flavor": {string(flavor)},
		"arch":   {string(arch)},
	}
	var answer struct {
		Versions []string `json:"availableVersions"`
	}
	if err := c.getJSON(ctx, "/versions/unix/paas-sh", query, &answer); err != nil {
		return nil, err
	}
	return answer.Versions, nil
}

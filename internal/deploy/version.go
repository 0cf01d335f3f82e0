package deploy

import (
	"context"
	"net/url"

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
	if !agent.ValidVersion(answer.Version) {
		return "", c.unusable("without a version as 1.305.152.20241113-104505")
	}
	return answer.Version, nil
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

package deploy

import (
	"context"
	"net/url"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// ProcessModuleConfig asks for the process-module configuration of the
// environment, or of a host group if hostGroup is not empty.
// What it holds is the cluster's own word: it may tie an agent to its cluster,
// and be anything but lines. One without properties is an error: no environment
// has that.
func (c *Client) ProcessModuleConfig(ctx context.Context, hostGroup string) (*agent.ModuleConfig, error) {
	var answer agent.ModuleConfig
	query := url.Values{"sections": {strings.Join(agent.ConfigSections, ",")}}
	if hostGroup != "" {
		query.Set("hostgroup", hostGroup)
	}
	if err := c.getJSON(ctx, "/processmoduleconfig", query, &answer); err != nil {
		return nil, err
	}
	if len(answer.Properties) == 0 {
		return nil, c.unusable("without properties")
	}
	return &answer, nil
}

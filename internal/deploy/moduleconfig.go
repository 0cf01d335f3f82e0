package deploy

import (
	"context"
	"net/url"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// ProcessModuleConfig asks for the environment's process-module configuration.
// What it holds is the cluster's own word: it may tie an agent to its cluster,
// and be anything but lines. One without properties is an error: no environment
// has that.
func (c *Client) ProcessModuleConfig(ctx context.Context) (*agent.ModuleConfig, error) {
	var answer agent.ModuleConfig
	query := url.Values{"sections": {strings.Join(agent.ConfigSections, ",")}}
	if err := c.getJSON(ctx, "/processmoduleconfig", query, &answer); err != nil {
		return nil, err
	}
	if len(answer.Properties) == 0 {
		return nil, c.unusable("without properties")
	}
	return &answer, nil
}

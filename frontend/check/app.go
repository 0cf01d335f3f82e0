package check

import (
	"context"

	"github.com/org/dt-frontend/frontend/app"
	"github.com/org/dt-frontend/frontend/payload"
	"github.com/org/dt-frontend/internal/agent"
)

// Config looks at the environment and the volumes of an app as soon as its
// config is known.
func (c *Checks) Config(ctx context.Context, a *app.App) error {
	alone := a.MakesAgentImage(c.Options)
	if err := c.checkFindings(ctx, c.findings(a.Image, alone)); err != nil || alone {
		return err
	}
	volumes, err := hidingVolumes(a.Image, c.Options.Mode, "", asWritten)
	if err != nil {
		return err
	}
	return c.checkVolumes(ctx, volumes)
}

// Files looks at the volumes again when the app's files are there, and the
// certificates that load brings.
func (c *Checks) Files(ctx context.Context, a *app.App, load *payload.Payload) error {
	if load.Alone || len(a.Image.Config.Volumes) == 0 {
		return nil
	}
	ca := ""
	if load.CA != nil {
		ca = agent.CustomCAPath
	}
	real := asWritten
	built, err := a.Built.Wait(ctx)
	if err != nil {
		return err
	}
	if built != nil {
		real = inApp(ctx, built)
	}
	volumes, err := hidingVolumes(a.Image, c.Options.Mode, ca, real)
	if err != nil {
		return err
	}
	return c.checkVolumes(ctx, volumes)
}

package fetch

import (
	"context"
	"fmt"
	"sync"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/secret"
)

// Resolve asks the environment that secrets name which version it will deliver
// for each of specs, in network zone, if any. A version that spec names is not
// asked for. The answer is by [agent.Spec.Key].
func Resolve(ctx context.Context, secrets secret.Set, way Way, specs []agent.Spec, zone string) (map[string]agent.Resolved, error) {
	client, err := secrets.Client()
	if err != nil {
		return nil, err
	}
	var (
		info     *deploy.ConnectionInfo
		infoErr  error
		versions = make([]string, len(specs))
		errs     = make([]error, len(specs))
		wg       sync.WaitGroup
	)
	// Side by side: every build waits for this.
	wg.Go(func() { info, infoErr = client.ConnectionInfo(ctx, zone) })
	for i, spec := range specs {
		if versions[i] = spec.Version; spec.Version != "" {
			continue
		}
		wg.Go(func() { versions[i], errs[i] = client.LatestVersion(ctx, spec.Flavor, spec.Arch) })
	}
	wg.Wait()
	if infoErr != nil {
		return nil, infoErr
	}
	fingerprint, err := way.fingerprint(secrets, info.TenantToken)
	if err != nil {
		return nil, err
	}
	out := map[string]agent.Resolved{}
	for i, spec := range specs {
		if errs[i] != nil {
			return nil, fmt.Errorf("asking for the version of OneAgent (%s, %s): %w", spec.Flavor, spec.Arch, errs[i])
		}
		out[spec.Key()] = agent.Resolved{Version: versions[i], Fingerprint: fingerprint}
	}
	return out, nil
}

package supply

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/install/secret"
)

// Answer is what the cluster says of several agents, by [agent.Spec.Key].
type Answer struct {
	Resolved map[string]agent.Resolved
	// Unavailable are those that it does not have.
	Unavailable map[string]error
	// Connection is how agents reach the environment.
	Connection *deploy.ConnectionInfo
}

// Resolve asks the environment that secrets name, by its client, which version
// it will deliver for each of specs, in network zone, if any. An agent that the
// cluster does not have is no error, unless it has none of them.
func Resolve(ctx context.Context, client *deploy.Client, secrets secret.Set, env NetworkEnv, specs []agent.Spec, zone string) (*Answer, error) {
	var (
		info     *deploy.ConnectionInfo
		infoErr  error
		versions = make([]string, len(specs))
		errs     = make([]error, len(specs))
		wg       sync.WaitGroup
	)
	// Side by side: every build waits for this.
	wg.Go(func() { info, infoErr = client.ConnectionInfo(ctx, zone, pinnedVersion(specs)) })
	for i, spec := range specs {
		wg.Go(func() { versions[i], errs[i] = version(ctx, client, spec) })
	}
	wg.Wait()
	if infoErr != nil {
		return nil, infoErr
	}
	out := &Answer{Resolved: map[string]agent.Resolved{}, Unavailable: map[string]error{}, Connection: info}
	for i, spec := range specs {
		if err := errs[i]; err != nil {
			var missing *VersionError
			if !errors.As(err, &missing) {
				err = fmt.Errorf("asking for the version of OneAgent (%s, %s): %w", spec.Flavor, spec.Arch, err)
				errs[i] = err
			}
			if !isUnavailable(err) {
				return nil, err
			}
			out.Unavailable[spec.Key()] = err
			continue
		}
		resolved, err := newHandover(secrets, env, info.TenantToken, versions[i]).seal(secrets.Get(agent.SecretAPIToken))
		if err != nil {
			return nil, err
		}
		out.Resolved[spec.Key()] = resolved
	}
	if len(out.Resolved) == 0 {
		return nil, cmp.Or(errs...)
	}
	return out, nil
}

// pinnedVersion returns the version that all of specs ask for, or "". Any other
// version is known only after the cluster was asked.
func pinnedVersion(specs []agent.Spec) string {
	if len(specs) == 0 || slices.ContainsFunc(specs, func(s agent.Spec) bool { return s.Version != specs[0].Version }) {
		return ""
	}
	return specs[0].Version
}

// isUnavailable reports whether err is a cluster's word that it has no such agent.
func isUnavailable(err error) bool {
	var missing *VersionError
	var status *deploy.StatusError
	return errors.As(err, &missing) || errors.As(err, &status) && (status.Code == http.StatusNotFound || status.Code == http.StatusBadRequest)
}

package verify

import (
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/search"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/stretchr/testify/require"
)

// A link in a place that nobody knows of fails the build, and is named.
func TestLinks_InAnOddPlaceFailTheBuild(t *testing.T) {
	for _, place := range cluster.Places {
		if place == cluster.PlaceDocumented || place == cluster.PlaceLog {
			continue // removed, and tested below
		}
		t.Run(string(place), func(t *testing.T) {
			env := tenant.New(t, cluster.WithOddPlaces(place))
			r := buildx.Fails(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env)})
			require.Contains(t, buildx.LastError(t, r), "the agent still holds what ties it to the environment")
			if place != cluster.PlaceFileName { // its name is the secret
				for _, in := range env.Installers() {
					for _, link := range in.Links {
						require.Contains(t, buildx.LastError(t, r), link.Path)
					}
				}
			}
			search.RequireNoSecrets(t, r.Output, env)
		})
	}
}

// A cluster that sends its links all the same, in the places that are known.
func TestLinks_KnownOnesAreRemoved(t *testing.T) {
	for _, version := range cluster.DefaultVersions {
		t.Run(version, func(t *testing.T) {
			env := tenant.New(t, cluster.WithIgnoredSkipMetadata(), cluster.WithOddPlaces(cluster.PlaceLog), cluster.WithTarget(version))
			r := buildx.Build(t, buildx.Request{Dockerfile: buildx.SmallApp, Secrets: tenant.Secrets(env)})
			require.NotEmpty(t, env.Installers()[0].Links, "there was something to remove")
			search.Image(t, r).RequireNone(t, env.Secrets())
			search.RequireNoSecrets(t, r.Output, env)
		})
	}
}

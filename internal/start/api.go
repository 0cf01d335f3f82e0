package start

import (
	"strings"

	"github.com/org/dt-frontend/internal/deploy"
)

// apiDetails are what a source has for asking the cluster.
type apiDetails struct {
	given deploy.RawCredentials
	// credentials are made of what is given; err says why they are not. It is an
	// error only for the source that is used.
	credentials deploy.Credentials
	err         error
}

// newAPIDetails is the one place where what a source gives is normalised.
func newAPIDetails(given deploy.RawCredentials) apiDetails {
	c, err := deploy.NewCredentials(given)
	return apiDetails{given: given, credentials: c, err: err}
}

// url returns the address of the API in the one form that it has, or what is
// given if that is not an address.
func (a apiDetails) url() string {
	if a.err != nil {
		return a.given.URL
	}
	// The tenant is part of the URL, and as good in capitals.
	return strings.ReplaceAll(a.credentials.URL()+"/", "/"+a.given.Tenant+"/", "/"+strings.ToLower(a.given.Tenant)+"/")
}

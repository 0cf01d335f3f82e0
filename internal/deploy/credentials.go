package deploy

import (
	"fmt"
	"strings"

	"github.com/org/dt-frontend/internal/agent/address"
	"github.com/org/dt-frontend/internal/agent/variable"
	"github.com/org/dt-frontend/internal/scan/value"
)

// RawCredentials are one environment's API details as a user gives them.
type RawCredentials struct {
	// URL is the base of the API; what is missing in it is completed.
	URL string
	// Tenant is the environment's id.
	Tenant string
	// Token is an API token with the scope InstallerDownload.
	Token string
}

// Credentials are one environment's API details, trimmed, checked and complete.
// Only [NewCredentials] makes them, so nobody has to normalise or check them
// again. The zero value is invalid. Credentials can be compared, and hide what they
// are from whatever prints or encodes them. A struct that has them in an unexported
// field must do so itself: package fmt cannot call methods there.
type Credentials struct{ url, tenant, token string }

// systemProxy is the variable for a proxy that every program heeds.
const systemProxy = "HTTPS_PROXY"

// maxTenant and maxToken are far above what a cluster hands out. They keep a
// file that was passed by mistake out of a request.
const (
	maxTenant = 128
	maxToken  = 1024
)

// NewCredentials trims the values and makes the URL that of the API; see
// [address.API]. An error names the field and what was expected, never the token
// or the tenant.
func NewCredentials(raw RawCredentials) (Credentials, error) {
	c := Credentials{tenant: trim(raw.Tenant), token: trim(raw.Token)}
	if err := checkTenant(c.tenant); err != nil {
		return Credentials{}, err
	}
	if err := checkToken(c.token); err != nil {
		return Credentials{}, err
	}
	u, err := address.API(trim(raw.URL), c.tenant)
	if err != nil {
		return Credentials{}, err
	}
	c.url = u
	return c, nil
}

// URL returns the base of the API, without a trailing slash.
func (c Credentials) URL() string { return c.url }

// Tenant returns the environment's id, as the user spells it.
func (c Credentials) Tenant() string { return c.tenant }

// Token returns the API token. It goes into the header of requests, and nowhere
// else.
func (c Credentials) Token() string { return c.token }

// InsecureHTTP reports whether the URL is plain http.
func (c Credentials) InsecureHTTP() bool {
	return strings.HasPrefix(c.url, "http://")
}

func trim(s string) string { return value.Trim(s) }

func checkTenant(s string) error {
	switch {
	case s == "":
		return fmt.Errorf("%s is empty: want the environment's id, as abc12345 in https://abc12345.live.dynatrace.com", variable.Tenant)
	case len(s) > maxTenant || !only(s, isIDChar):
		return fmt.Errorf("%s is no environment id: want letters, digits and dashes alone, as abc12345", variable.Tenant)
	}
	return nil
}

func checkToken(s string) error {
	switch {
	case s == "":
		return fmt.Errorf("%s is empty: want an API token with the scope InstallerDownload", variable.APIToken)
	case len(s) > maxToken || !only(s, isVisible):
		return fmt.Errorf("%s is no API token: want one word without spaces, as dt0c01.<public>.<secret>", variable.APIToken)
	}
	return nil
}

func only(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}

func isIDChar(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || c == '-' || c == '_'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isVisible(c byte) bool { return c > ' ' && c < 0x7f }

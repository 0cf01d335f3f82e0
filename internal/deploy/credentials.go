package deploy

import (
	"fmt"
	"strings"

	"github.com/org/dt-frontend/internal/agent/address"
	"github.com/org/dt-frontend/internal/agent/variable"
	"github.com/org/dt-frontend/internal/scan/value"
)

// Credentials are one environment's API details as a user gives them.
type Credentials struct {
	// URL is the base of the API; what is missing in it is completed.
	URL string
	// Tenant is the environment's id.
	Tenant string
	// Token is an API token with the scope InstallerDownload.
	Token string
}

// systemProxy is the variable for a proxy that every program heeds.
const systemProxy = "HTTPS_PROXY"

// maxTenant and maxToken are far above what a cluster hands out. They keep a
// file that was passed by mistake out of a request.
const (
	maxTenant = 128
	maxToken  = 1024
)

// Normalize trims the values and makes the URL that of the API; see
// [address.API]. An error names the field and what was expected, never the token
// or the tenant.
func (c Credentials) Normalize() (Credentials, error) {
	n := Credentials{URL: trim(c.URL), Tenant: trim(c.Tenant), Token: trim(c.Token)}
	if err := checkTenant(n.Tenant); err != nil {
		return Credentials{}, err
	}
	if err := checkToken(n.Token); err != nil {
		return Credentials{}, err
	}
	u, err := address.API(n.URL, n.Tenant)
	if err != nil {
		return Credentials{}, err
	}
	n.URL = u
	return n, nil
}

// InsecureHTTP reports whether the normalised URL is plain http.
func (c Credentials) InsecureHTTP() bool {
	return strings.HasPrefix(c.URL, "http://")
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

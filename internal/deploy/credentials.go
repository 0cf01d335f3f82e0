package deploy

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"path"
	"strings"

	"github.com/org/dt-frontend/internal/value"
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

// The names under which users give credentials, for messages.
const (
	nameURL    = "DT_API_URL"
	nameTenant = "DT_TENANT"
	nameToken  = "DT_API_TOKEN"
	nameCA     = "DT_CA_CERT"
	nameProxy  = "DT_PROXY"
)

// maxTenant and maxToken are far above what a cluster hands out. They keep a
// file that was passed by mistake out of a request.
const (
	maxTenant = 128
	maxToken  = 1024
)

// Normalize trims the values and completes the URL: a missing one is the
// vendor's SaaS address of the tenant, one without a path gets the
// environment's, and "/api" is added where it is missing. An error names the
// field and what was expected, never the token or the tenant.
func (c Credentials) Normalize() (Credentials, error) {
	n := Credentials{URL: trim(c.URL), Tenant: trim(c.Tenant), Token: trim(c.Token)}
	if err := checkTenant(n.Tenant); err != nil {
		return Credentials{}, err
	}
	if err := checkToken(n.Token); err != nil {
		return Credentials{}, err
	}
	u, err := completeURL(n.URL, n.Tenant)
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
		return fmt.Errorf("%s is empty: want the environment's id, as abc12345 in https://abc12345.live.dynatrace.com", nameTenant)
	case len(s) > maxTenant || !only(s, isIDChar):
		return fmt.Errorf("%s is no environment id: want letters, digits and dashes alone, as abc12345", nameTenant)
	}
	return nil
}

func checkToken(s string) error {
	switch {
	case s == "":
		return fmt.Errorf("%s is empty: want an API token with the scope InstallerDownload", nameToken)
	case len(s) > maxToken || !only(s, isVisible):
		return fmt.Errorf("%s is no API token: want one word without spaces, as dt0c01.<public>.<secret>", nameToken)
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

// completeURL returns the base of the API without a trailing slash.
func completeURL(raw, tenant string) (string, error) {
	if raw == "" {
		return "https://" + strings.ToLower(tenant) + ".live.dynatrace.com/api", nil
	}
	u, err := parseURL(raw)
	if err != nil {
		return "", err
	}
	p := strings.TrimPrefix(path.Clean("/"+u.Path), "/")
	p = strings.TrimSuffix(p, "/")
	switch {
	case p == "" && strings.HasPrefix(strings.ToLower(u.Hostname()), strings.ToLower(tenant)+"."):
		// A host of its own, as SaaS environments have, needs no /e/.
		p = "api"
	case p == "":
		p = "e/" + tenant + "/api"
	case p != "api" && !strings.HasSuffix(p, "/api"):
		p += "/api"
	}
	base := url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/" + p}
	return base.String(), nil
}

// parseURL refuses what cannot be the address of a cluster. It never wraps the
// errors of net/url, since those print the whole URL.
func parseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil || !only(raw, isVisible):
		return nil, fmt.Errorf("%s is no URL: want https://host/e/%s/api or https://host/api", nameURL, "<"+nameTenant+">")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("%s must begin with https://", nameURL)
	case u.Hostname() == "":
		return nil, fmt.Errorf("%s has no host: want https://host/e/<%s>/api or https://host/api", nameURL, nameTenant)
	case u.User != nil:
		return nil, fmt.Errorf("%s must not hold a user name or password", nameURL)
	case u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("%s must end with its path: no ? and no #; the token belongs into %s", nameURL, nameToken)
	case u.Scheme == "http" && !isNear(u.Hostname()):
		return nil, errors.New(nameURL + " is plain http: that would send the token over the network in clear; want https:// (http:// is for loopback and private addresses)")
	}
	return u, nil
}

// isNear reports whether host is this machine or an address of a private
// network. A name other than localhost is not: what it resolves to is decided
// by others.
func isNear(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	a = a.Unmap()
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast()
}

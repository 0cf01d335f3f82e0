package address

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent/variable"
)

// name is what users call the address.
const name = variable.APIURL

// wanted ends an error.
const wanted = "want https://host/e/<" + variable.Tenant + ">/api or https://host/api"

// API returns the base of the API at raw, an address of the environment tenant,
// without a trailing slash. Where raw is empty it is the vendor's SaaS address.
// What is missing is added, and what belongs to a web page or to one function of
// the API is cut. An error never shows the address.
func API(raw, tenant string) (string, error) {
	if raw == "" {
		return "https://" + strings.ToLower(tenant) + ".live.dynatrace.com/api", nil
	}
	u, err := parse(raw, tenant)
	if err != nil {
		return "", err
	}
	host, page := apiHost(hostOf(u))
	if page {
		return base(u, host, "/api"), nil
	}
	segments, complete := prefix(u.Path, tenant)
	switch {
	case complete || len(segments) > 0:
	case strings.HasPrefix(host, strings.ToLower(tenant)+"."):
		// A host of its own, as SaaS environments have, needs no /e/.
	default:
		segments = []string{"e", tenant}
	}
	return base(u, host, "/"+strings.Join(append(segments, "api"), "/")), nil
}

// Others returns the addresses that raw stands for besides itself, so that
// whoever looks for traces of one looks for all: that of the API, where raw is a
// web page of the environment.
func Others(raw string) []string {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return nil
	}
	host, page := apiHost(hostOf(u))
	if !page {
		return nil
	}
	return []string{base(u, host, "/api")}
}

// hostOf returns the host of u in lower case, without the dot that ends an
// absolute name.
func hostOf(u *url.URL) string { return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".") }

// defaultPorts are the ports of schemes, which go without saying.
var defaultPorts = map[string]string{"https": "443", "http": "80"}

// base puts a URL together, without a default port.
func base(u *url.URL, host, path string) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if p := u.Port(); p != "" && p != defaultPorts[u.Scheme] {
		host += ":" + p
	}
	return (&url.URL{Scheme: u.Scheme, Host: host, Path: path}).String()
}

// apps is the label in the hosts of the vendor's newer web pages.
const apps = ".apps."

// apiHost returns the host of the API of the environment whose web page is at
// host, and whether it is one of the newer pages: <env>.apps.dynatrace.com has
// its API at <env>.live.dynatrace.com, <env>.sprint.apps.dynatracelabs.com at
// <env>.sprint.dynatracelabs.com. Other hosts are as good as the user says, a
// route of OpenShift such as activegate.apps.cluster.example.com among them.
//
// Source: dynatrace-operator, pkg/util/dtapiurl, which takes any host with
// ".apps." for one.
func apiHost(host string) (api string, page bool) {
	environment, domain, found := strings.Cut(host, apps)
	if !found || environment == "" || !isVendors(domain) {
		return host, false
	}
	if !strings.Contains(environment, ".") {
		environment += ".live"
	}
	return environment + "." + domain, true
}

// isVendors reports whether domain is one of the vendor's: dynatrace.com,
// dynatracelabs.com and the like.
func isVendors(domain string) bool {
	return strings.HasPrefix(domain, "dynatrace") && strings.Count(domain, ".") == 1
}

// prefix returns the segments in front of the API in a path, and whether the path
// names the API. A path is the user's own, apart from what stands behind the
// environment: /api and one of its functions, a web page below /ui, or the path
// for agents.
func prefix(p, tenant string) (_ []string, complete bool) {
	segments := split(p)
	if n := len(segments); n > 0 && segments[n-1] == "communication" {
		segments = segments[:n-1]
	}
	if n := len(segments); n > 0 && segments[n-1] == "api" {
		return segments[:n-1], true
	}
	for i := environment(segments, tenant); i < len(segments); i++ {
		isAPI := segments[i] == "api" && i+1 < len(segments) && slices.Contains(functions, segments[i+1])
		if isAPI || segments[i] == webPages {
			return segments[:i], isAPI
		}
	}
	return segments, false
}

// functions follow /api in the addresses of the API's functions.
var functions = []string{"v1", "v2", "config"}

// webPages is what the path of most web pages begins with.
const webPages = "ui"

func split(p string) []string {
	return strings.FieldsFunc(path.Clean("/"+p), func(r rune) bool { return r == '/' })
}

// environment returns how many segments lead to the environment: those up to
// /e/<tenant>, or none.
func environment(segments []string, tenant string) int {
	for i := len(segments) - 2; i >= 0; i-- {
		if segments[i] == "e" && strings.EqualFold(segments[i+1], tenant) {
			return i + 2
		}
	}
	return 0
}

// parse refuses what cannot be the address of an environment. It never wraps the
// errors of net/url, since those print the whole URL.
func parse(raw, tenant string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil || !isVisible(raw):
		return nil, fmt.Errorf("%s is not a URL: %s", name, wanted)
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("%s must begin with https://", name)
	case hostOf(u) == "":
		return nil, fmt.Errorf("%s has no host: %s", name, wanted)
	case slices.Contains(strings.Split(hostOf(u), "."), ""):
		return nil, fmt.Errorf("%s has an invalid host, in which a part between dots is empty: %s", name, wanted)
	case u.User != nil:
		return nil, fmt.Errorf("%s must not hold a user name or password", name)
	case (u.RawQuery != "" || u.Fragment != "") && (!isPage(u, tenant) || hasToken(raw)):
		return nil, fmt.Errorf("%s must end with its path: no ? and no #; the token belongs into %s", name, variable.APIToken)
	case u.Scheme == "http" && !isNear(hostOf(u)):
		return nil, errors.New(name + " is plain http: that would send the token over the network in clear; want https:// (http:// is for loopback and private addresses)")
	}
	return u, nil
}

// isPage reports whether u is the address of a web page of the environment, as a
// browser shows it. Such an address may go on with a query or a fragment.
func isPage(u *url.URL, tenant string) bool {
	if _, yes := apiHost(hostOf(u)); yes {
		return true
	}
	segments := split(u.Path)
	behind := segments[environment(segments, tenant):]
	// The older pages are fragments of one document, as in /#dashboard.
	return len(behind) > 0 && behind[0] == webPages || len(behind) == 0 && u.Fragment != ""
}

// tokens are what the beginning of a token for the API looks like in a URL, in
// lower case: the parameter's name, and the public prefixes.
var tokens = []string{"api-token=", "dt0c01.", "dt0s16."}

// hasToken reports whether raw holds a token for the API in its query. The person
// who wrote it there believes that the token is used.
func hasToken(raw string) bool {
	raw = strings.ToLower(raw)
	return slices.ContainsFunc(tokens, func(t string) bool { return strings.Contains(raw, t) })
}

func isVisible(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// isNear reports whether host is this machine or an address of a private
// network. A name other than localhost is not: what it resolves to is decided
// by others.
func isNear(host string) bool {
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

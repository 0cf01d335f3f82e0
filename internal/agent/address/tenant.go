package address

import (
	"net/url"
	"strings"
)

// Tenant returns the environment that an address names: in its path, as in
// https://host/e/<id>/api, or in a host of the vendor's, as in
// https://<id>.live.dynatrace.com. It returns "" if the address names none.
func Tenant(raw string) string {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return ""
	}
	segments := split(u.Path)
	for i := 0; i+1 < len(segments); i++ {
		if segments[i] == "e" {
			return segments[i+1]
		}
	}
	labels := strings.Split(strings.TrimSuffix(strings.ToLower(u.Hostname()), "."), ".")
	if n := len(labels); n >= 4 && isVendors(labels[n-2]+"."+labels[n-1]) {
		return labels[0]
	}
	return ""
}

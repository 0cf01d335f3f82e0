package supply

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// Way is how a build step reaches the network, apart from its secrets. BuildKit
// keeps all of it out of its cache keys.
type Way struct {
	// Hosts is the content of the hosts file. In a build step it is BuildKit's
	// own lines and the hosts that the user added.
	Hosts string
	// Proxies are the proxy variables, as NAME=value, in a fixed order.
	Proxies []string
}

// proxyVariables are those that Go's HTTP client and BuildKit know.
var proxyVariables = []string{"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"}

// CurrentWay describes the process's own way to the network. It returns
// [ErrRecorded] for one that nothing must be asked by.
func CurrentWay() (Way, error) {
	// An image without certificates has none of BuildKit's.
	if bundle, err := os.ReadFile(certificates); err == nil && isRecorded(bundle) {
		return Way{}, ErrRecorded
	}
	hosts, err := os.ReadFile("/etc/hosts")
	if err != nil && !os.IsNotExist(err) {
		return Way{}, fmt.Errorf("reading the hosts file: %w", err)
	}
	w := Way{Hosts: string(hosts)}
	for _, name := range proxyVariables {
		for _, n := range []string{name, strings.ToLower(name)} {
			w.Proxies = append(w.Proxies, n+"="+os.Getenv(n))
		}
	}
	return w, nil
}

func (w Way) equal(other Way) bool {
	return w.Hosts == other.Hosts && slices.Equal(w.Proxies, other.Proxies)
}

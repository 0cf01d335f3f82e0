package supply

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// NetworkEnv is how a build step reaches the network, apart from its secrets.
// BuildKit keeps all of it out of its cache keys.
type NetworkEnv struct {
	// Hosts is the content of the hosts file. In a build step it is BuildKit's
	// own lines and the hosts that the user added.
	Hosts string
	// Proxies are the proxy variables, as NAME=value, in a fixed order.
	Proxies []string
}

// proxyVariables are those that Go's HTTP client and BuildKit know.
var proxyVariables = []string{"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"}

// CurrentNetworkEnv describes the process's own way to the network. It returns
// [ErrRecorded] for one that nothing must be asked by.
func CurrentNetworkEnv() (NetworkEnv, error) {
	// An image without certificates has none of BuildKit's.
	if bundle, err := os.ReadFile(certificates); err == nil && isRecorded(bundle) {
		return NetworkEnv{}, ErrRecorded
	}
	hosts, err := os.ReadFile("/etc/hosts")
	if err != nil && !os.IsNotExist(err) {
		return NetworkEnv{}, fmt.Errorf("reading the hosts file: %w", err)
	}
	env := NetworkEnv{Hosts: string(hosts)}
	for _, name := range proxyVariables {
		for _, n := range []string{name, strings.ToLower(name)} {
			env.Proxies = append(env.Proxies, n+"="+os.Getenv(n))
		}
	}
	return env, nil
}

func (e NetworkEnv) equal(other NetworkEnv) bool {
	return e.Hosts == other.Hosts && slices.Equal(e.Proxies, other.Proxies)
}

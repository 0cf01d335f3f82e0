package delivery

import (
	"maps"
	"slices"
	"strings"

	"github.com/moby/buildkit/client/llb"
)

// proxyFromBuildArgs returns the proxy settings that a build gives its RUN
// steps by the predefined build args, or nil. Where both cases of a name are
// given the lower one wins, as for BuildKit's own steps.
func proxyFromBuildArgs(args map[string]string) *llb.ProxyEnv {
	var env llb.ProxyEnv
	fields := map[string]*string{
		"http_proxy":  &env.HTTPProxy,
		"https_proxy": &env.HTTPSProxy,
		"ftp_proxy":   &env.FTPProxy,
		"no_proxy":    &env.NoProxy,
		"all_proxy":   &env.AllProxy,
	}
	found := false
	for _, name := range slices.Sorted(maps.Keys(args)) {
		if field, ok := fields[strings.ToLower(name)]; ok {
			*field = args[name]
			found = true
		}
	}
	if !found {
		return nil
	}
	return &env
}

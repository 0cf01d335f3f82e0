package delivery

import (
	"testing"

	"github.com/moby/buildkit/client/llb"
	"github.com/stretchr/testify/require"
)

func TestProxyFromBuildArgs(t *testing.T) {
	require.Nil(t, proxyFromBuildArgs(map[string]string{"A": "b"}))
	require.Equal(t, &llb.ProxyEnv{HTTPProxy: "lower", NoProxy: "n", AllProxy: "a"},
		proxyFromBuildArgs(map[string]string{"HTTP_PROXY": "upper", "http_proxy": "lower", "No_Proxy": "n", "all_proxy": "a"}))
}

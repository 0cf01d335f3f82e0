package start

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/random"
)

func TestSource_HidesItsSecrets(t *testing.T) {
	t.Parallel()
	secret := strings.ToLower(random.Text())
	s := &Source{
		Name:    "the environment",
		Details: &Details{Tenant: secret, TenantToken: secret, ConnectionPoint: secret},
		api:     newAPIDetails(deploy.RawCredentials{URL: "https://dt.invalid", Tenant: "abc12345", Token: secret}),
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		require.NotContains(t, fmt.Sprintf(strings.Repeat(verb, 4), s, *s, []*Source{s}, *s.Details), secret, verb)
	}
	require.Equal(t, `start.Source{"the environment", …}`, fmt.Sprint(s))
}

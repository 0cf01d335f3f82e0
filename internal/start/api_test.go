package start

import (
	"testing"

	"github.com/org/dt-frontend/internal/deploy"
	"github.com/stretchr/testify/require"
)

func TestNewAPIDetails_ErrorComesWithoutCredentials(t *testing.T) {
	t.Parallel()
	a := newAPIDetails(deploy.RawCredentials{URL: "http://public.invalid", Tenant: "abc12345", Token: "token"})
	require.ErrorContains(t, a.err, "DT_API_URL is plain http")
	require.Zero(t, a.credentials)
	require.Equal(t, "http://public.invalid", a.url(), "two that are wrong can be compared")

	a = newAPIDetails(deploy.RawCredentials{Tenant: "abc12345", Token: "token"})
	require.NoError(t, a.err)
	require.Equal(t, "https://abc12345.live.dynatrace.com/api", a.credentials.URL())
}

// Two sources that name the same environment have the same address, whichever
// form they have it in.
func TestAPIDetails_SameURL(t *testing.T) {
	t.Parallel()
	url := func(raw, tenant string) string {
		return newAPIDetails(deploy.RawCredentials{URL: raw, Tenant: tenant, Token: "token"}).url()
	}
	want := url("https://dt.invalid/e/abc12345/api", "abc12345")
	for _, same := range []string{
		url("https://dt.invalid", "abc12345"), url("https://DT.invalid:443/", "ABC12345"), url("https://dt.invalid/e/ABC12345/api/v2", "ABC12345"),
	} {
		require.Equal(t, want, same)
	}
	for _, other := range []string{
		url("https://dt.invalid:8443", "abc12345"), url("https://dt.invalid/E/abc12345/api", "abc12345"), url("", "abc12345"), url("https://dt.invalid", "abc123456"),
	} {
		require.NotEqual(t, want, other)
	}
	require.Equal(t, url("", "abc12345"), url("https://abc12345.live.dynatrace.com/", "ABC12345"))
}

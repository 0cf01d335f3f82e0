package deploy

import (
	"crypto/rand"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNewCredentials_CompletesTheURL(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, url, want string }{
		{"missing", "", "https://abc12345.live.dynatrace.com/api"},
		{"only space", " \r\n", "https://abc12345.live.dynatrace.com/api"},
		{"saas without a path", "https://abc12345.live.dynatrace.com", "https://abc12345.live.dynatrace.com/api"},
		{"saas with a slash", "https://abc12345.live.dynatrace.com/", "https://abc12345.live.dynatrace.com/api"},
		{"saas complete", "https://abc12345.live.dynatrace.com/api/", "https://abc12345.live.dynatrace.com/api"},
		{"managed without a path", "https://dt.example.invalid", "https://dt.example.invalid/e/abc12345/api"},
		{"managed with a slash", "https://dt.example.invalid/", "https://dt.example.invalid/e/abc12345/api"},
		{"managed without api", "https://dt.example.invalid/e/abc12345", "https://dt.example.invalid/e/abc12345/api"},
		{"managed without api, slash", "https://dt.example.invalid/e/abc12345/", "https://dt.example.invalid/e/abc12345/api"},
		{"managed complete", "https://dt.example.invalid/e/abc12345/api", "https://dt.example.invalid/e/abc12345/api"},
		{"double slashes", "https://dt.example.invalid//e/abc12345//api//", "https://dt.example.invalid/e/abc12345/api"},
		{"activegate", "https://ag.example.invalid:9999/e/abc12345/api", "https://ag.example.invalid:9999/e/abc12345/api"},
		{"trimmed, crlf", "\ufeff https://dt.example.invalid/api\r\n", "https://dt.example.invalid/api"},
		{"plain to loopback", "http://127.0.0.1:8080", "http://127.0.0.1:8080/e/abc12345/api"},
		{"plain to loopback v6", "http://[::1]:8080/api", "http://[::1]:8080/api"},
		{"plain to localhost", "http://localhost/api", "http://localhost/api"},
		{"plain to private", "http://192.168.7.1/api", "http://192.168.7.1/api"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := NewCredentials(RawCredentials{URL: tc.url, Tenant: " abc12345\r\n", Token: "\ufefftoken\n"})
			require.NoError(t, err)
			require.Equal(t, tc.want, got.URL())
			require.Equal(t, "abc12345", got.Tenant())
			require.Equal(t, "token", got.Token())
			again, err := NewCredentials(RawCredentials{URL: got.URL(), Tenant: got.Tenant(), Token: got.Token()})
			require.NoError(t, err)
			require.Equal(t, got, again, "normalising is idempotent")
		})
	}
}

func TestNewCredentials_SaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	token, tenant, password := rand.Text(), rand.Text(), rand.Text()
	ok := RawCredentials{URL: "https://dt.example.invalid", Tenant: tenant, Token: token}
	with := func(f func(*RawCredentials)) RawCredentials {
		c := ok
		f(&c)
		return c
	}
	for _, tc := range []struct {
		name, want string
		c          RawCredentials
	}{
		{"no tenant", "DT_TENANT is empty", with(func(c *RawCredentials) { c.Tenant = " " })},
		{"odd tenant", "DT_TENANT is no environment id", with(func(c *RawCredentials) { c.Tenant += "/.." })},
		{"no token", "DT_API_TOKEN is empty", with(func(c *RawCredentials) { c.Token = "\n" })},
		{"two words", "DT_API_TOKEN is no API token", with(func(c *RawCredentials) { c.Token += " x" })},
		{"header injection", "DT_API_TOKEN is no API token", with(func(c *RawCredentials) { c.Token += "\r\nX: y" })},
		{"no scheme", "DT_API_URL must begin with https://", with(func(c *RawCredentials) { c.URL = "dt.example.invalid/api" })},
		{"other scheme", "DT_API_URL must begin with https://", with(func(c *RawCredentials) { c.URL = "ftp://dt.example.invalid" })},
		{"no host", "DT_API_URL has no host", with(func(c *RawCredentials) { c.URL = "https:///api" })},
		{"no url", "DT_API_URL is not a URL", with(func(c *RawCredentials) { c.URL = "https://" + password + "%zz" })},
		{"user", "DT_API_URL must not hold a user name", with(func(c *RawCredentials) { c.URL = "https://u:" + password + "@dt.example.invalid" })},
		{"query", "DT_API_URL must end with its path", with(func(c *RawCredentials) { c.URL += "?Api-Token=" + token })},
		{"plain http", "DT_API_URL is plain http", with(func(c *RawCredentials) { c.URL = "http://dt.example.invalid" })},
		{"plain http to public", "DT_API_URL is plain http", with(func(c *RawCredentials) { c.URL = "http://198.51.100.7" })},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c, err := NewCredentials(tc.c)
			require.ErrorContains(t, err, tc.want)
			require.Zero(t, c)
			requireClean(t, err, token, tenant, password)
		})
	}
}

func TestInsecureHTTP(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{"http://127.0.0.1/api": true, "https://127.0.0.1/api": false} {
		c, err := NewCredentials(RawCredentials{URL: address, Tenant: "abc12345", Token: "token"})
		require.NoError(t, err)
		require.Equal(t, want, c.InsecureHTTP(), address)
	}
}

func TestNew_RefusesTheZeroValue(t *testing.T) {
	t.Parallel()
	_, err := New(Credentials{}, Options{})
	require.EqualError(t, err, "there are no credentials to ask a cluster with")
}

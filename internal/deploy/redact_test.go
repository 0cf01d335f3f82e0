package deploy

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/scan"
	"github.com/stretchr/testify/require"
)

// requireClean looks for secrets in all that a program may print of an error.
func requireClean(t *testing.T, err error, secrets ...string) {
	t.Helper()
	var printed strings.Builder
	fmt.Fprintf(&printed, "%v %+v %#v %q", err, err, err, err)
	var call *CallError
	if errors.As(err, &call) {
		fmt.Fprintf(&printed, "%#v", *call)
	}
	for _, s := range secrets {
		require.NotContains(t, printed.String(), s)
	}
	require.NotContains(t, err.Error(), "\n")
}

func TestFormat(t *testing.T) {
	t.Parallel()
	secret := rand.Text()
	raw := RawCredentials{URL: "https://" + secret + ".invalid", Tenant: secret, Token: secret}
	c, err := NewCredentials(raw)
	require.NoError(t, err)
	i := ConnectionInfo{Tenant: secret, TenantToken: secret, Endpoints: []string{secret}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		printed := fmt.Sprintf(verb+verb+verb+verb+verb+verb, c, &c, raw, &raw, i, &i)
		require.NotContains(t, strings.ToUpper(printed), secret)
		require.NotContains(t, fmt.Sprintf(verb, []any{c, raw, i}), hex.EncodeToString([]byte(secret)))
	}
	require.Equal(t, "deploy.Credentials{…}", fmt.Sprint(c))
	require.Equal(t, "deploy.Credentials{…}", c.String())
	require.Equal(t, "deploy.Credentials{…}", c.GoString())
	require.Equal(t, "deploy.RawCredentials{…}", fmt.Sprint(raw))
}

// TestCredentials_AreHiddenWhereTheyAreEncoded: also as a part of something else.
func TestCredentials_AreHiddenWhereTheyAreEncoded(t *testing.T) {
	t.Parallel()
	secret := rand.Text()
	raw := RawCredentials{URL: "https://" + secret + ".invalid", Tenant: secret, Token: secret}
	c, err := NewCredentials(raw)
	require.NoError(t, err)
	var out strings.Builder
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("asking", "by", c, "with", &c, "from", raw, "all", struct {
			C Credentials
			R RawCredentials
		}{c, raw})
	}
	require.NotContains(t, strings.ToUpper(out.String()), secret)
	require.Contains(t, out.String(), `by=deploy.Credentials{…}`)
	require.Contains(t, out.String(), `"by":"deploy.Credentials{…}"`)
}

func TestClean_MakesOneBoundedLine(t *testing.T) {
	t.Parallel()
	token := rand.Text() + "-0189"
	r := scan.NewRedactor(scan.Value{Kind: "DT_API_TOKEN", Value: token})
	for _, tc := range []struct{ name, in, want string }{
		{"plain", "no such token", "no such token"},
		{"secret", "token " + token + " of x", "token <DT_API_TOKEN> of x"},
		{"broken up", token[:4] + "\x00" + token[4:6] + "\u200b" + token[6:], "<DT_API_TOKEN>"},
		{"lines", "a\r\nb\tc\x1b[31m", "a b c[31m"},
		{"much space", " a \n\n  b", "a b"},
		{"any token", "dt0c01.ABC.DEF, dt0s16.X.Y; dt0 alone", "<API token>, <API token>; dt0 alone"},
		{"invalid utf-8", "a\xffb", "ab"},
		{"at the end", strings.Repeat("x", maxMessage-14) + token, strings.Repeat("x", maxMessage-14) + "<DT_API_TOKEN>"},
		{"across the end", strings.Repeat("x", maxMessage-5) + token, strings.Repeat("x", maxMessage-5) + "<DT_A…"},
		{"long", strings.Repeat("é", maxMessage), strings.Repeat("é", maxMessage/2) + "…"},
		{"long, odd", "x" + strings.Repeat("é", maxMessage), "x" + strings.Repeat("é", maxMessage/2-1) + "…"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, clean(r, tc.in))
		})
	}
}

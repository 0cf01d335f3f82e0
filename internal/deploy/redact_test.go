package deploy

import (
	"crypto/rand"
	"errors"
	"fmt"
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
	c := Credentials{URL: "geheim", Tenant: "geheim", Token: "geheim"}
	i := ConnectionInfo{Tenant: "geheim", TenantToken: "geheim", Endpoints: []string{"geheim"}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		require.NotContains(t, fmt.Sprintf(verb+verb+verb+verb, c, &c, i, &i), "geheim")
		require.NotContains(t, fmt.Sprintf(verb, []any{c, i}), "67656865696d")
	}
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

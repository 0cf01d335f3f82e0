package deploy

import (
	"errors"
	"fmt"
	"strings"
	"testing"

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

func TestClean(t *testing.T) {
	t.Parallel()
	var r redactor
	r.add("geheim+wort", hidden)
	r.add("abc12345", "<DT_TENANT>")
	r.add("", "not applied")
	for _, tc := range []struct{ name, in, want string }{
		{"plain", "no such token", "no such token"},
		{"secret", "token geheim+wort of abc12345", "token *** of <DT_TENANT>"},
		{"escaped", "?t=geheim%2Bwort", "?t=***"},
		{"hex", "67656865696d2b776f7274", "***"},
		{"base64", "Authorization: Z2VoZWltK3dvcnQ=", "Authorization: ***Q="},
		{"broken up", "gehe\x00im+wo\u200brt", "***"},
		{"lines", "a\r\nb\tc\x1b[31m", "a b c[31m"},
		{"any token", "dt0c01.ABC.DEF, dt0s16.X.Y; dt0 alone", "***, ***; dt0 alone"},
		{"invalid utf-8", "a\xffb", "ab"},
		{"at the end", strings.Repeat("x", maxMessage-3) + "geheim+wort", strings.Repeat("x", maxMessage-3) + "***"},
		{"long", strings.Repeat("é", maxMessage), strings.Repeat("é", maxMessage/2) + "…"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, r.clean(tc.in))
		})
	}
}

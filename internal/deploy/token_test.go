package deploy

import (
	"crypto/rand"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTokenKinds: errors name the kind of the token and the token that is wanted,
// and the header fits the kind.
func TestTokenKinds(t *testing.T) {
	t.Parallel()
	const (
		wanted = "pass an access token (dt0c01) with the scope InstallerDownload (PaaS integration - Installer download) as DT_API_TOKEN"
		words  = "Token is missing required scope. Use one of: x:y:read"
		fleet  = "fleet-management:oneagents:download and fleet-management:oneagent.connection-info:read"
	)
	for name, tc := range map[string]struct {
		prefix, scheme          string
		unauthorized, forbidden string
	}{
		"access token": {
			"dt0c01.", "Api-Token ",
			"the cluster refused the token (401): " + words + "; check DT_API_TOKEN",
			"the access token (dt0c01) lacks the scope InstallerDownload (403): " + words + "; make one with it (PaaS integration - Installer download) and pass it as DT_API_TOKEN",
		},
		"platform token": {
			"dt0s16.", "Bearer ",
			"the cluster refused the token (401): " + words + "; check DT_API_TOKEN: it holds a platform token (dt0s16), which this cluster may not take; then " + wanted,
			"the platform token (dt0s16) lacks the scopes " + fleet + " (403): " + words + "; give it these, or " + wanted,
		},
		"OAuth client": {
			"dt0s02.", "Api-Token ",
			"the cluster refused the token (401): " + words + "; DT_API_TOKEN holds a secret of an OAuth client (dt0s02), which this API does not take: " + wanted,
			"the secret of an OAuth client (dt0s02) lacks the scope InstallerDownload (403): " + words + "; DT_API_TOKEN holds a secret of an OAuth client (dt0s02), which this API does not take: " + wanted,
		},
		"another kind": {
			"dt0g02.", "Api-Token ",
			"the cluster refused the token (401): " + words + "; DT_API_TOKEN holds a token of the kind dt0g02, which this API does not take: " + wanted,
			"the token of the kind dt0g02 lacks the scope InstallerDownload (403): " + words + "; DT_API_TOKEN holds a token of the kind dt0g02, which this API does not take: " + wanted,
		},
		"old": {
			"", "Api-Token ",
			"the cluster refused the token (401): " + words + "; check DT_API_TOKEN",
			"the token lacks the scope InstallerDownload (403): " + words + "; make one with it (PaaS integration - Installer download) and pass it as DT_API_TOKEN",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var status int
			var sent string
			c := newCluster(t, nil)
			c.creds.Token = tc.prefix + rand.Text() + rand.Text()
			c.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				sent = r.Header.Get("Authorization")
				w.WriteHeader(status)
				_, _ = io.WriteString(w, `{"error":{"message":"`+words+`"}}`)
			})
			for code, want := range map[int]string{401: tc.unauthorized, 403: tc.forbidden} {
				status = code
				_, err := c.client(t, Options{}).ConnectionInfo(t.Context(), "", "")
				require.EqualError(t, err, want)
				require.Equal(t, tc.scheme+c.creds.Token, sent)
				c.clean(t, err)
			}
		})
	}
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]tokenKind{
		"dt0c01.A.B": "dt0c01", "dt0s16.A.B": "dt0s16", "dt0c01": "", "dt0.x": "", "abcdef.x": "", "dt0c011.x": "", "dt0/01.x": "", "": "",
	} {
		require.Equal(t, want, kindOf(token), token)
	}
}

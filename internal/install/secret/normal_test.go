package secret

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/stretchr/testify/require"
)

// around is what editors and shells put around a value.
var around = map[string]string{
	"nothing":          "%",
	"a line end":       "%\n",
	"Windows":          "\ufeff%\r\n",
	"a mark alone":     "\ufeff%",
	"mark and spaces":  " \ufeff %\t",
	"no-break space":   "\u00a0%\u00a0",
	"mark at each end": "\ufeff%\ufeff\n",
}

// A value is normalised where it is read, so that all who use it use the same
// bytes: the client sends it, messages hide it and scans look for it.
func TestASecretIsOneValue(t *testing.T) {
	t.Parallel()
	for name, form := range around {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := values{
				agent.SecretAPIURL:   "https://" + strings.ToLower(rand.Text()) + ".invalid/e/x/api",
				agent.SecretTenant:   strings.ToLower(rand.Text()),
				agent.SecretAPIToken: "dt0c01." + rand.Text() + "." + rand.Text(),
				agent.SecretProxy:    "http://" + strings.ToLower(rand.Text()) + ".invalid:3128",
			}
			dir, env, files := t.TempDir(), map[string]string{}, map[string]string{}
			for id, v := range want {
				raw := strings.ReplaceAll(form, "%", v)
				require.NoError(t, os.WriteFile(filepath.Join(dir, id), []byte(raw), 0o400))
				env[id], files[id+"_FILE"] = raw, filepath.Join(dir, id)
			}
			for _, read := range []func() (Set, error){
				func() (Set, error) { return Load(dir) },
				func() (Set, error) { return FromEnvironment(func(name string) string { return env[name] }) },
				func() (Set, error) { return FromEnvironment(func(name string) string { return files[name] }) },
			} {
				got, err := read()
				require.NoError(t, err)
				require.Equal(t, NewSet(want), got)
				requireUsed(t, got, want)
			}
		})
	}
}

// requireUsed fails unless got's client, messages and scans go by the values in
// want.
func requireUsed(t *testing.T, got Set, want values) {
	t.Helper()
	c, err := got.Credentials()
	require.NoError(t, err)
	require.Equal(t, want[agent.SecretAPIToken], c.Token())
	require.Equal(t, want[agent.SecretTenant], c.Tenant())
	for id, v := range want {
		text := "a message with " + v + " in it"
		require.NotContains(t, NewRedactor(got).Text(text), v, id)
		scanner := scan.New([]scan.Value{{Kind: id, Value: got.Get(id)}})
		require.NotEmpty(t, scanner.String(text), id)
	}
}

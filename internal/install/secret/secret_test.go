package secret

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o400))
	}
	return dir
}

func TestLoadTrims(t *testing.T) {
	s, err := Load(folder(t, map[string]string{
		"DT_TENANT": "  abc12345\r\n", "DT_API_URL": "\n", "OTHER": "x",
	}))
	require.NoError(t, err)
	require.Equal(t, NewSet(values{"DT_TENANT": "abc12345"}), s)
}

// A value that a tool has changed on its way is refused before anybody is asked
// with it, from whichever place it comes.
func TestLoad_RefusesChangedValues(t *testing.T) {
	word := rand.Text()
	for _, id := range agent.Secrets {
		for name, raw := range map[string]string{
			"quotes": `"` + word + `"`, "name": id + "=" + word + "\n", "UTF-16": "\xff\xfe" + word[:1] + "\x00",
		} {
			t.Run(id+" "+name, func(t *testing.T) {
				dir := folder(t, map[string]string{id: raw})
				_, err := Load(dir)
				require.ErrorContains(t, err, "invalid "+id+": it ")
				require.NotContains(t, err.Error(), word)
				if id == agent.SecretAgentCA {
					return // it is not the cluster's
				}
				_, err = FromEnvironment(func(name string) string { return map[string]string{id: raw}[name] })
				require.ErrorContains(t, err, "invalid "+id+": it ")
				_, err = FromEnvironment(func(name string) string { return map[string]string{id + "_FILE": filepath.Join(dir, id)}[name] })
				require.ErrorContains(t, err, "invalid "+id+": it ")
			})
		}
	}
	s, err := Load(folder(t, map[string]string{"DT_CA_CERT": "\ufeffone\r\ntwo\n"}))
	require.NoError(t, err)
	require.Equal(t, NewSet(values{"DT_CA_CERT": "one\r\ntwo"}), s)
	_, err = Load(folder(t, map[string]string{"DT_API_TOKEN": word + "\n" + word}))
	require.ErrorContains(t, err, "it has 2 lines")
}

func TestMissingSecretsAreNamed(t *testing.T) {
	tests := map[string]struct {
		given values
		want  string
	}{
		"none":      {values{}, "missing secrets DT_API_TOKEN, DT_TENANT, DT_API_URL: pass --secret id=DT_API_TOKEN --secret id=DT_TENANT --secret id=DT_API_URL (taken from the environment variable of that name, or from a file with ,src=FILE)"},
		"no token":  {values{"DT_TENANT": "abc12345", "DT_API_URL": "https://x.invalid"}, "missing secret DT_API_TOKEN: pass --secret id=DT_API_TOKEN (taken from the environment variable of that name, or from a file with ,src=FILE)"},
		"no tenant": {values{"DT_API_TOKEN": "t", "DT_API_URL": "https://x.invalid"}, "missing secret DT_TENANT: pass --secret id=DT_TENANT (taken from the environment variable of that name, or from a file with ,src=FILE)"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := NewSet(tt.given).Credentials()
			require.EqualError(t, err, tt.want)
		})
	}
}

func TestTooLargeASecretIsAnError(t *testing.T) {
	_, err := Load(folder(t, map[string]string{"DT_CA_CERT": string(make([]byte, maxSize+1))}))
	require.ErrorContains(t, err, "DT_CA_CERT")
}

func TestRedactHidesEverySecret(t *testing.T) {
	host := "h" + rand.Text() + ".invalid"
	s := values{
		agent.SecretAPIURL:   "https://" + host + ":8443/e/x/api",
		agent.SecretAPIToken: rand.Text(),
		agent.SecretTenant:   rand.Text(),
		agent.SecretProxy:    "http://user:" + rand.Text() + "@proxy.invalid:3128",
	}
	text := "a " + host + " b " + s[agent.SecretAPIToken] + " c " + s[agent.SecretTenant] + " d " + s[agent.SecretProxy]
	got := NewRedactor(NewSet(s)).Text(text)
	require.Equal(t, "a <host of DT_API_URL> b <DT_API_TOKEN> c <DT_TENANT> d <DT_PROXY>", got)
	token := []byte(s[agent.SecretAPIToken])
	text = hex.EncodeToString(token) + " " + base64.StdEncoding.EncodeToString(append([]byte("Bearer "), token...)) + " " + url.QueryEscape(s[agent.SecretAPIURL])
	require.Regexp(t, `^<DT_API_TOKEN> \w{10}<DT_API_TOKEN>\S{0,3} <DT_API_URL>$`, NewRedactor(NewSet(s)).Text(text))
}

// TestLoad_CertificatesHaveManyLines, with which they are still one value.
func TestLoad_CertificatesHaveManyLines(t *testing.T) {
	t.Parallel()
	const text = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
	dir := t.TempDir()
	want := values{}
	for _, id := range agent.CertificateSecrets {
		require.NoError(t, os.WriteFile(filepath.Join(dir, id), []byte(text+"\n"), 0o600))
		want[id] = text
	}
	got, err := Load(dir)
	require.NoError(t, err)
	require.Equal(t, NewSet(want), got)
}

// TestLoad_AgreesWithTheClient: what is sent, looked for and hidden is one value,
// whatever an editor put around it.
func TestLoad_AgreesWithTheClient(t *testing.T) {
	t.Parallel()
	token := "dt0c01." + rand.Text() + "." + rand.Text()
	for name, raw := range map[string]string{
		"byte order mark": "\ufeff" + token, "and an end of line": "\ufeff " + token + "\r\n", "and one behind": token + "\n\ufeff",
	} {
		s, err := Load(folder(t, map[string]string{
			"DT_API_TOKEN": raw, "DT_TENANT": "\ufeffabc12345\n", "DT_API_URL": "\ufeffhttps://cluster.invalid/e/abc12345\n",
		}))
		require.NoError(t, err, name)
		c, err := s.Credentials()
		require.NoError(t, err, name)
		require.Equal(t, token, s.Get(agent.SecretAPIToken), name)
		require.Equal(t, c.Token(), s.Get(agent.SecretAPIToken), name)
		require.Equal(t, c.Tenant(), s.Get(agent.SecretTenant), name)
		require.Equal(t, "<DT_API_TOKEN>", NewRedactor(s).Text(token), name)
	}
}

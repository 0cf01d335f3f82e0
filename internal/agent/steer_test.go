package agent

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSteeringIn(t *testing.T) {
	t.Parallel()
	require.Empty(t, SteeringIn([]string{"DT_API_URL= "}))
	for entry, steers := range map[string]bool{
		"DT_API_URL=https://x.invalid":                     true,
		"DT_API_URL=":                                      false,
		"DT_API_URL_FILE=/x":                               true,
		"DT_API_TOKEN_FILE=/x":                             false,
		"DT_CONNECTION_POINT=x":                            true,
		"DT_CA_CERT=-----BEGIN":                            true,
		"DT_CA_CERT=/etc/ssl/certs/ca-certificates.crt":    false,
		"SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt": false,
		"SSL_CERT_FILE=/etc/ssl/certs/../../x.pem":         true,
		"SSL_CERT_DIR=/etc/ssl/certs":                      false,
		"SSL_CERT_DIR=/etc/ssl/certs/:/etc/pki/tls/certs":  false,
		"SSL_CERT_DIR=/etc/ssl/certs:/x":                   true,
		"SSL_CERT_DIR=:/etc/ssl/certs":                     true,
		"HTTPS_PROXY=http://x":                             false,
		"DT_PROXY=http://x":                                false,
		"DT_TENANT=x":                                      false,
		"DT_START_KEEP_TOKEN=off":                          false,
		"DT_START_KEEP_TOKEN=on":                           true,
		"DT_START_TRUST_IMAGE=true":                        true,
		"DT_API_URL":                                       false,
	} {
		require.Equal(t, steers, len(SteeringIn([]string{entry})) == 1, entry)
	}
}

// TestImageVariables: whichever entry of a name an engine takes is the image's.
func TestImageVariables(t *testing.T) {
	t.Parallel()
	s := Settings{ImageEnv: ImageVariables([]string{"DT_API_URL=a", "DT_API_URL=b", "A=c", "DT_AGENTACTIVE=False", "SSL_CERT_DIR=/x"})}
	dt, err := json.Marshal(s)
	require.NoError(t, err)
	require.NotContains(t, string(dt), "/x", "the values are in the config")
	var read Settings
	require.NoError(t, json.Unmarshal(dt, &read))
	for name, values := range map[string][]string{"DT_API_URL": {"a", "b"}, "DT_AGENTACTIVE": {"False"}, "SSL_CERT_DIR": {"/x"}} {
		for _, v := range values {
			require.True(t, read.Sets(name, v), name)
		}
		require.False(t, read.Sets(name, "c"), name)
		require.False(t, read.Sets(name, ""), name)
	}
	require.False(t, read.Sets("A", "c"))

	// A build that has looked can be told from one that has not.
	for env, looked := range map[string]bool{`{}`: false, `{"imageEnv":[]}`: true} {
		var s Settings
		require.NoError(t, json.Unmarshal([]byte(env), &s))
		require.Equal(t, looked, s.ImageEnv != nil)
	}
	dt, err = json.Marshal(Settings{ImageEnv: ImageVariables(nil)})
	require.NoError(t, err)
	require.Contains(t, string(dt), `"imageEnv":[]`)
}

func TestLibraries(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"/a/liboneagentproc.so", "liboneagentproc.so"},
		ProcessLibraries("/a/liboneagentproc.so:/b.so /liboneagentproc.so.1\tliboneagentproc.so\n"))
	require.Equal(t, "/a.so \n\n/b.so", WithoutComments("/a.so # /c.so\n# /d.so\n/b.so")[:len("/a.so \n\n/b.so")])
	require.Equal(t, []string{"/x/a.so"}, LibraryPaths("/x/a.so", "/y"))
	for _, lib := range []string{"/$LIB/a.so", "/${LIB}/a.so"} {
		require.Contains(t, LibraryPaths(lib, ""), "/lib64/a.so")
		require.Contains(t, LibraryPaths(lib, ""), "/lib/x86_64-linux-gnu/a.so")
	}
	require.Equal(t, []string{"/y/a.so", "/z/a.so"}, LibraryPaths("a.so", "/y:/z")[:2])
	require.Contains(t, LibraryPaths("a.so", ""), "/usr/lib/a.so")
}

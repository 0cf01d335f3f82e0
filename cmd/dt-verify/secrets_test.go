package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/integration/standin/leaky"
	"github.com/stretchr/testify/require"
)

// fileOf writes a file of one value, with the newline that echo leaves.
func fileOf(t *testing.T, value string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "value")
	require.NoError(t, os.WriteFile(name, []byte(value+"\n"), 0o600))
	return name
}

func TestValuesAreGivenInManyWays(t *testing.T) {
	s := leaky.NewSecrets()
	ref := written(t, leaky.New("x", nil, []leaky.File{{Name: "app/data", Content: "…" + s.TenantToken + "…"}}))
	require.Equal(t, exitNotInstrumented, dtVerify(t, ref).code)
	env := map[string]string{"DT_TENANTTOKEN": s.TenantToken, "OTHER": "something else"}
	tests := map[string][]string{
		"a file of one":  {"--secret-file", "DT_TENANTTOKEN=" + fileOf(t, s.TenantToken)},
		"a file of many": {"--secret-file", secretsFile(t, s)},
		"exports":        {"--secret-file", fileOf(t, "export DT_TENANTTOKEN='"+s.TenantToken+"'")},
		"a variable":     {"--secret-env", "OTHER,DT_TENANTTOKEN"},
		// As editors on Windows write them.
		"one with a mark":  {"--secret-file", "DT_TENANTTOKEN=" + fileOf(t, "\ufeff"+s.TenantToken+"\r")},
		"many with a mark": {"--secret-file", fileOf(t, "\ufeffDT_TENANTTOKEN="+s.TenantToken+"\r\n")},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			code := run(append(args, ref, "--format=json"), func(name string) string { return env[name] }, &stdout, &stderr)
			require.Equal(t, exitLeak, code, "%s%s", stdout.String(), stderr.String())
			r := outcome{stdout: stdout.String()}.report(t)
			require.Len(t, r.Leaks, 1)
			require.Equal(t, "tenant token", r.Leaks[0].Kind)
		})
	}
}

// TestASecretInUTF16IsRefused: nobody would find it.
func TestASecretInUTF16IsRefused(t *testing.T) {
	ref := written(t, leaky.New("x", nil, nil))
	const utf16 = "\xff\xfed\x00b\x00=\x00x\x00"
	for _, arg := range []string{"database=" + fileOf(t, utf16+"\r\x00"), fileOf(t, utf16)} {
		out := dtVerify(t, ref, "--secret-file", arg)
		require.Equal(t, exitUnread, out.code)
		require.Contains(t, out.stderr, "it is in UTF-16, as PowerShell writes files")
	}
}

// TestAListOfEndpointsIsLookedForInItsParts, groups included.
func TestAListOfEndpointsIsLookedForInItsParts(t *testing.T) {
	ref := written(t, leaky.New("x", nil, []leaky.File{{Name: "app/data", Content: "see https://b.invalid/communication now"}}))
	list := "{*https://a.invalid/communication;https://b.invalid/communication}{https://c.invalid/communication}"
	r := dtVerify(t, ref, "--format=json", "--secret-file", "DT_CONNECTION_POINT="+fileOf(t, list)).report(t)
	require.Len(t, r.Leaks, 2)
	require.Equal(t, "communication endpoint", r.Leaks[0].Kind)
	require.Equal(t, "communication endpoint host", r.Leaks[1].Kind)
	out := dtVerify(t, ref, "--secret-file", "DT_CONNECTION_POINT="+fileOf(t, "{*;}"))
	require.Equal(t, exitUnread, out.code)
	require.Contains(t, out.stderr, "the secret DT_CONNECTION_POINT names no endpoint")
}

func TestAnyNameIsASecret(t *testing.T) {
	ref := written(t, leaky.New("x", nil, []leaky.File{{Name: "app/data", Content: "the pass phrase"}}))
	r := dtVerify(t, ref, "--format=json", "--secret-file", "database="+fileOf(t, "pass phrase")).report(t)
	require.Len(t, r.Leaks, 1)
	require.Equal(t, "secret database", r.Leaks[0].Kind)
}

// What is given in a wrong way may be a value.
func TestMistakesDoNotShowValues(t *testing.T) {
	s := leaky.NewSecrets()
	tests := map[string]struct{ args, want string }{
		"a value as a file":     {"--secret-file=DT_API_TOKEN=" + s.APIToken, "--secret-file: the file that was given: no such file"},
		"a value alone":         {"--secret-file=" + s.APIToken, "--secret-file: the file that was given: no such file"},
		"a value as a variable": {"--secret-env=" + s.APIToken, "--secret-env: it takes names of variables, and no values"},
		"an unset variable":     {"--secret-env=DT_API_TOKEN", "--secret-env: the secret DT_API_TOKEN is empty"},
		"a file of no pairs":    {"--secret-file=" + fileOf(t, s.APIToken), "--secret-file: line 1 of the file is not ID=VALUE"},
		"quotes":                {"--secret-file=DT_API_TOKEN=" + fileOf(t, `"`+s.APIToken+`"`), "--secret-file: invalid DT_API_TOKEN: it is in quotes"},
		"a file of a line":      {"--secret-file=DT_API_TOKEN=" + fileOf(t, "DT_API_TOKEN="+s.APIToken), "--secret-file: invalid DT_API_TOKEN: it begins with the name"},
		"an empty file":         {"--secret-file=X=" + fileOf(t, ""), "--secret-file: the secret X is empty"},
		"a value as a digest":   {"--agent-layer=" + s.APIToken, "--agent-layer: it is no digest"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			out := dtVerify(t, tt.args, "image")
			require.Equal(t, exitUnread, out.code)
			require.Contains(t, out.stderr, tt.want)
			requireNoSecret(t, s, out.stderr)
		})
	}
}

func TestErrorsHideValues(t *testing.T) {
	s := leaky.NewSecrets()
	out := dtVerify(t, "--secret-file", secretsFile(t, s), "/no-such/"+s.TenantToken+".tar")
	require.Equal(t, exitUnread, out.code)
	require.Contains(t, out.stderr, "<tenant token>")
	requireNoSecret(t, s, out.stderr)
}

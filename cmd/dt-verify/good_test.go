package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/standin/leaky"
	"github.com/org/dt-frontend/internal/version"
	"github.com/stretchr/testify/require"
)

func TestNothingIsFoundInGoodImages(t *testing.T) {
	secrets := secretsFile(t, leaky.NewSecrets())
	for _, img := range leaky.Good() {
		t.Run(img.Name, func(t *testing.T) {
			out := dtVerify(t, "--secret-file", secrets, "--format=json", written(t, img))
			require.Equal(t, exitClean, out.code, "%s%s", out.stdout, out.stderr)
			r := out.report(t)
			require.Empty(t, r.Leaks)
			require.Empty(t, r.Unseen)
			for _, p := range r.Platforms {
				require.True(t, p.Instrumented)
				require.Empty(t, p.Notes)
			}
			require.Empty(t, out.stderr)
		})
	}
}

func TestExitCodes(t *testing.T) {
	s := leaky.NewSecrets()
	leak := leaky.New("leak", nil, []leaky.File{{Name: "app/.env", Content: s.APIToken}})
	damaged := filepath.Join(t.TempDir(), "image.tar")
	require.NoError(t, os.WriteFile(damaged, []byte("no archive"), 0o600))
	good := written(t, leaky.Good()[0])
	tests := map[string]struct {
		args []string
		want int
	}{
		"instrumented":                {[]string{good}, exitClean},
		"leak in what is not":         {[]string{written(t, leak)}, exitLeak},
		"not instrumented":            {[]string{written(t, leaky.Plain())}, exitNotInstrumented},
		"damaged":                     {[]string{damaged}, exitUnread},
		"missing":                     {[]string{"./no-such-image.tar"}, exitUnread},
		"another agent":               {[]string{good, "--agent-layer", "sha256:" + strings.Repeat("0", 64)}, exitLeak},
		"other platform":              {[]string{good, "--platform=linux/s390x"}, exitUnread},
		"no image":                    {nil, exitUnread},
		"two images":                  {[]string{good, good}, exitUnread},
		"unknown flag":                {[]string{"--no-such-flag", good}, exitUnread},
		"unknown format":              {[]string{"--format=xml", good}, exitUnread},
		"no digest":                   {[]string{"--agent-layer=latest", good}, exitUnread},
		"no platform":                 {[]string{"--platform=a/b/c/d/e", good}, exitUnread},
		"a folder is for no platform": {[]string{t.TempDir(), "--platform=linux/amd64"}, exitUnread},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			out := dtVerify(t, tt.args...)
			require.Equal(t, tt.want, out.code, "%s%s", out.stdout, out.stderr)
			require.Equal(t, tt.want == exitUnread, out.stdout == "", "a report, or none")
			require.Equal(t, tt.want == exitUnread, out.stderr != "", "an error, or none")
		})
	}
}

func TestTheAgentLayerThatIsReportedIsTheOneToAskFor(t *testing.T) {
	ref := written(t, leaky.Good()[0])
	layer := dtVerify(t, ref, "--format=json").report(t).Platforms[0].AgentLayer.DiffID.String()
	require.Equal(t, exitClean, dtVerify(t, ref, "--agent-layer", layer).code)
}

func TestHelpSaysWhatThereIs(t *testing.T) {
	out := dtVerify(t, "--help")
	require.Zero(t, out.code)
	for _, flag := range []string{"--secret-file", "--secret-env", "--platform", "--agent-layer", "--format", "--version"} {
		require.Contains(t, out.stdout, flag)
	}
	for line := range strings.Lines(out.stdout) {
		require.LessOrEqual(t, len([]rune(strings.TrimRight(line, "\n"))), 80)
	}
	for _, arg := range []string{"--version", "version"} {
		out = dtVerify(t, arg)
		require.Zero(t, out.code)
		require.Equal(t, "dt-verify "+version.String()+"\n", out.stdout)
	}
}

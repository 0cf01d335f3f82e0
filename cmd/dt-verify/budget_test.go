package main

import (
	"bytes"
	"testing"

	"github.com/org/dt-frontend/integration/standin/leaky"
	"github.com/stretchr/testify/require"
)

func TestRun_NamesTheBoundThatAnImageExceeds(t *testing.T) {
	ref, err := leaky.Good()[0].Write(t.TempDir())
	require.NoError(t, err)
	for flag, value := range map[string]string{"--max-bytes": "1KB", "--max-facts": "1"} {
		var stdout, stderr bytes.Buffer
		require.Equal(t, exitUnread, run([]string{flag, value, ref}, func(string) string { return "" }, &stdout, &stderr))
		require.Contains(t, stderr.String(), "give "+flag)
		require.Empty(t, stdout.String(), "nothing is known of the image")
	}
}

func TestParse_ReadsBounds(t *testing.T) {
	o, err := parse([]string{"--max-bytes", "200GB", "--max-facts", "1000000", "image"}, nil)
	require.NoError(t, err)
	require.Equal(t, int64(200<<30), o.maxBytes)
	require.Equal(t, int64(1_000_000), o.maxFacts)
	for _, wrong := range [][]string{{"--max-bytes", "much"}, {"--max-bytes", "0"}, {"--max-facts", "-1"}, {"--max-facts", "1GB"}} {
		_, err := parse(append(wrong, "image"), nil)
		require.ErrorContains(t, err, wrong[0]+": invalid")
	}
}

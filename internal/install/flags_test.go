package install

import (
	"bytes"
	"flag"
	"io"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// registered returns the flags that a command lists, sorted.
func registered(t *testing.T, cmd command) []string {
	t.Helper()
	var help bytes.Buffer
	require.ErrorIs(t, cmd(t.Context(), []string{"-h"}, io.Discard, &help), flag.ErrHelp)
	var out []string
	for _, m := range regexp.MustCompile(`(?m)^  -([a-z-]+)`).FindAllStringSubmatch(help.String(), -1) {
		out = append(out, m[1])
	}
	slices.Sort(out)
	return out
}

// What a step is told is in its cache key: a flag that it does not read would
// run it again for nothing.
func TestSteps_RegisterOnlyTheFlagsThatTheyRead(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"download": {"arch", "archive", "checksum", "flavor", "include", "network-zone", "out", "resolved", "secrets"},
		"install": {
			"arch", "archive", "config", "fips", "flavor", "host-group", "include", "installer", "out", "prefix", "resolved", "secrets", "tmp", "tree",
		},
		"import": {"arch", "fips", "flavor", "out", "prefix", "version"},
	} {
		require.Equal(t, want, registered(t, commands[name]), name)
	}
}

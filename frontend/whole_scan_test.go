package frontend_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A build that is asked for attestations which it cannot make fails.
func TestBuild_FailsWithoutTheAttestationsThatItIsAskedFor(t *testing.T) {
	t.Parallel()
	for option, want := range map[[2]string]string{
		{"attest:sbom", "generator=example.invalid/scanner"}: "scanner example.invalid/scanner does not have cmd",
	} {
		d := newDaemon(plain, "")
		d.opts[option[0]] = option[1]
		require.ErrorContains(t, d.fails(t), want)
	}
}

// What the builder has recorded by now is refused before anything is built.
func TestBuild_RefusesATokenAsBuildArg(t *testing.T) {
	t.Parallel()
	d := newDaemon(plain, "")
	d.opts["build-arg:DT_API_TOKEN"] = "x"
	require.ErrorContains(t, d.fails(t), "--build-arg DT_API_TOKEN puts a token into the builder's history and the image's")
	require.Empty(t, d.steps())
}

package integration

import (
	"debug/elf"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The base image decides which agent is downloaded, before the app is built. An
// app that adds a C library is told of it.
func TestAnotherCLibraryIsSaid(t *testing.T) {
	env := newEnvironment(t)
	r := build(t, request{
		dockerfile: "# syntax=SYNTAX\nFROM debian-musl:bookworm\nCOPY --from=debian-files:bookworm /lib64/ld-linux-x86-64.so.2 /lib64/\n",
		secrets:    withSecrets(env),
	})
	require.Equal(t, "musl", r.image(t).Config.Config.Labels["com.dynatrace.oneagent.flavor"])
	require.Contains(t, r.output, "the steps of the image for linux/amd64 add another C library to its base image's: the agent is of flavor musl, and only programs linked against that library are monitored; say flavor=multidistro")
}

// An image may claim another platform than its files are made for: where they
// run, the agent and its helper have to run.
func TestTheAgentIsForTheFiles(t *testing.T) {
	env := newEnvironment(t)
	r := build(t, request{
		dockerfile: "# syntax=SYNTAX\nFROM --platform=linux/amd64 debian:bookworm-slim\nCMD [\"true\"]\n",
		secrets:    withSecrets(env), args: []string{"--platform=linux/arm64"},
	})
	require.Contains(t, r.output, "the image for linux/arm64 is made of files for linux/amd64, and gets the agent for these")
	for _, name := range []string{"opt/dynatrace/dt-start", "opt/dynatrace/oneagent/agent/lib64/liboneagentproc.so"} {
		f, err := elf.Open(filepath.Join(r.unpack(t), name))
		require.NoError(t, err)
		require.Equal(t, elf.EM_X86_64, f.Machine)
		require.NoError(t, f.Close())
	}
}

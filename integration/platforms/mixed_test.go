package platforms

import (
	"debug/elf"
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/stretchr/testify/require"
)

// The base image decides which agent is downloaded, before the app is built. An
// app that adds a C library is told of it.
func TestFlavor_AnotherCLibraryIsReported(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM debian-musl:bookworm\nCOPY --from=debian-files:bookworm /lib64/ld-linux-x86-64.so.2 /lib64/\n",
		Secrets:    tenant.Secrets(env),
	})
	require.Equal(t, "musl", r.Image(t).Config.Config.Labels["com.dynatrace.oneagent.flavor"])
	require.Contains(t, r.Output, "the steps of the image for linux/amd64 add another C library to its base image's: the agent is of flavor musl, and only programs linked against that library are monitored; say flavor=multidistro")
}

// An image may claim another platform than its files are made for: where they
// run, the agent and its helper have to run.
func TestFlavor_IsForTheFiles(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Build(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM --platform=linux/amd64 debian:bookworm-slim\nCMD [\"true\"]\n",
		Secrets:    tenant.Secrets(env), Args: []string{"--platform=linux/arm64"},
	})
	require.Contains(t, r.Output, "the image for linux/arm64 is made of files for linux/amd64, and gets the agent for these")
	for _, name := range []string{"opt/dynatrace/dt-start", "opt/dynatrace/oneagent/agent/lib64/liboneagentproc.so"} {
		f, err := elf.Open(filepath.Join(r.Unpack(t), name))
		require.NoError(t, err)
		require.Equal(t, elf.EM_X86_64, f.Machine)
		require.NoError(t, f.Close())
	}
}

// TestNothingIsSaid_WhereNothingIsDone builds for a platform that the base image
// does not have. The warning about that is for images that get the agent.
func TestNothingIsSaid_WhereNothingIsDone(t *testing.T) {
	env := tenant.New(t)
	const dockerfile = "FROM --platform=linux/amd64 debian:bookworm-slim AS base\nCMD [\"true\"]\nFROM base AS app\n"
	theirs := buildx.Build(t, buildx.Request{Dockerfile: dockerfile, Args: []string{"--platform=linux/arm64"}})
	for name, tt := range map[string]buildx.Request{
		"off":                {Dockerfile: "# syntax=SYNTAX mode=off\n"},
		"no stage of theirs": {Dockerfile: "# syntax=SYNTAX stages=app\n", Args: []string{"--target=base"}},
		"skipped":            {Dockerfile: "# syntax=SYNTAX on-missing-secret=skip\n"},
		"instrumented":       {Dockerfile: "# syntax=SYNTAX\n", Secrets: tenant.Secrets(env)},
	} {
		t.Run(name, func(t *testing.T) {
			tt.Dockerfile += dockerfile
			tt.Args = append(tt.Args, "--platform=linux/arm64")
			r := buildx.Build(t, tt)
			if name == "instrumented" {
				require.Contains(t, r.Output, "the image for linux/arm64 is made of files for linux/amd64, and gets the agent for these")
				return
			}
			require.NotContains(t, r.Output, "gets the agent")
			if name == "skipped" {
				require.Contains(t, r.Output, "the image for linux/arm64 is built without OneAgent (on-missing-secret=skip)")
				return
			}
			require.NotContains(t, r.Output, "dynatrace: ")
			want, got := theirs.Image(t).Config, r.Image(t).Config
			require.Equal(t, want.RootFS.DiffIDs, got.RootFS.DiffIDs)
			require.Equal(t, want.Config, got.Config)
		})
	}
}

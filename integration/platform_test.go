package integration

import (
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each platform of one build gets its own agent and its own helper. Installers
// run on the builder's platform: nothing here can run the other's programs.
func TestEachPlatformGetsItsOwnAgent(t *testing.T) {
	env := newEnvironment(t)
	r := build(t, request{
		dockerfile: "# syntax=SYNTAX\nFROM scratch\nCOPY Dockerfile /\n",
		secrets:    withSecrets(env),
		args:       []string{"--platform=linux/amd64,linux/arm64"},
	})
	require.Equal(t, 2, installers(env))
	for platform, machine := range map[string]elf.Machine{"linux/amd64": elf.EM_X86_64, "linux/arm64": elf.EM_AARCH64} {
		img, err := r.layout(t).Image(platform)
		require.NoError(t, err)
		root := t.TempDir()
		require.NoError(t, img.Unpack(t.Context(), root))
		for _, name := range []string{"oneagent/agent/lib64/liboneagentproc.so", "dt-start"} {
			f, err := elf.Open(filepath.Join(root, "opt/dynatrace", name))
			require.NoError(t, err)
			require.Equal(t, machine, f.Machine, "%s on %s", name, platform)
			f.Close()
		}
	}
}

// A last stage may be for another platform than the builder's.
func TestALastStageForAnotherPlatform(t *testing.T) {
	env := newEnvironment(t)
	base := registry(t) + "/arm-base:latest"
	build(t, request{
		dockerfile: "FROM scratch\nCOPY Dockerfile /lib/ld-linux-aarch64.so.1\n",
		args:       []string{"--platform=linux/arm64", "--provenance=false"},
		output:     "type=image,push=true,name=" + base,
	})
	r := build(t, request{dockerfile: "# syntax=SYNTAX\nFROM --platform=linux/arm64 " + base + "\n", secrets: withSecrets(env)})
	require.Equal(t, "arm64", r.image(t).Config.Architecture)
	root := r.unpack(t)
	for _, name := range []string{"oneagent/agent/lib64/liboneagentproc.so", "dt-start"} {
		f, err := elf.Open(filepath.Join(root, "opt/dynatrace", name))
		require.NoError(t, err)
		require.Equal(t, elf.EM_AARCH64, f.Machine, name)
		f.Close()
	}
}

// buildctl names the frontend itself, without any syntax line.
func TestBuildctlGateway(t *testing.T) {
	ref := frontendRef(t)
	env := newEnvironment(t)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM busybox:1.37-musl\nENTRYPOINT [\"true\"]\n"), 0o644))
	archive := filepath.Join(dir, "image.tar")
	args := []string{
		"build", "--frontend=gateway.v0", "--opt=source=" + ref,
		"--local=context=" + dir, "--local=dockerfile=" + dir, "--output=type=oci,dest=" + archive, "--progress=plain",
	}
	for id, v := range withSecrets(env) {
		file := filepath.Join(dir, id)
		require.NoError(t, os.WriteFile(file, []byte(v), 0o600))
		args = append(args, "--secret", "id="+id+",src="+file)
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "buildctl", args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	require.NoError(t, cmd.Run(), "%s", out.String())
	cfg := result{archive: archive}.image(t).Config.Config
	require.Equal(t, []string{"/opt/dynatrace/dt-start", "--", "true"}, cfg.Entrypoint, "once")
	require.NotEmpty(t, cfg.Labels[agentLayerLabel])
}

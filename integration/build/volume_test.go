package build

import (
	"testing"

	"github.com/moby/buildkit/frontend/subrequests/lint"
	"github.com/opencontainers/runtime-spec/specs-go"
	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/container"
	"github.com/org/dt-frontend/integration/harness/runc"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/harness/testenv"
	"github.com/stretchr/testify/require"
)

// A volume over dt-start keeps the app from starting. The build says so at the
// line that declares it.
func TestVolume_OverTheAgent(t *testing.T) {
	env := tenant.New(t)
	base := testenv.Registry(t) + "/volume:" + env.ID()
	buildx.Build(t, buildx.Request{Dockerfile: "FROM busybox:1.37-musl\nVOLUME /opt\n", Output: "type=image,push=true,name=" + base})
	const message = "VOLUME /opt hides /opt/dynatrace/dt-start, which starts the app"
	for name, tt := range map[string]struct {
		dockerfile, options string
		line                int
		want                string
	}{
		"of the Dockerfile":   {"# syntax=SYNTAX\nFROM busybox:1.37-musl\nRUN true\nVOLUME [\"/data\", \"/opt\"]\n", "", 4, message},
		"of the base image":   {"# syntax=SYNTAX\nFROM busybox:1.37-musl AS x\nFROM " + base + "\n", "", 3, message},
		"at run time":         {"# syntax=SYNTAX\nFROM busybox:1.37-musl\nVOLUME /opt/dynatrace\n", "mode=runtime", 3, "VOLUME /opt/dynatrace hides"},
		"by way of a symlink": {"# syntax=SYNTAX\nFROM busybox:1.37-musl\nRUN mkdir -p /data && ln -s /data /opt\nVOLUME /data\n", "", 4, "VOLUME /data hides"},
	} {
		t.Run(name, func(t *testing.T) {
			r := buildx.Fails(t, buildx.Request{Dockerfile: tt.dockerfile, Secrets: tenant.Secrets(env), Args: buildx.Options(tt.options)})
			require.Contains(t, buildx.LastError(t, r), tt.want)
			require.Contains(t, r.Output, "Dockerfile:"+string(rune('0'+tt.line)))
			if tt.options != "" {
				return
			}
			var found lint.LintResults
			_, code := buildx.Call(t, "check", tt.dockerfile, &found)
			if name == "by way of a symlink" {
				require.Zero(t, code, "nothing is built")
				return
			}
			require.Equal(t, 1, code)
			require.Len(t, found.Warnings, 1)
			require.Equal(t, "DynatraceVolume", found.Warnings[0].RuleName)
			require.EqualValues(t, tt.line, found.Warnings[0].Location.Ranges[0].Start.Line)
		})
	}
}

// A volume that hides less, or whose rule is skipped, lets the build pass. Each
// image then does what the rule says.
func TestVolume_LetPass(t *testing.T) {
	env := tenant.New(t)
	t.Run("harmless", func(t *testing.T) {
		r := buildx.Build(t, buildx.Request{
			Dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nVOLUME /data /opt/app /opt/dynatrace/oneagent/log\n", Secrets: tenant.Secrets(env),
		})
		require.NotContains(t, r.Output, "DynatraceVolume")
	})
	t.Run("off", func(t *testing.T) {
		buildx.Build(t, buildx.Request{Dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nVOLUME /opt\n", Args: buildx.Options("mode=off")})
	})
	t.Run("over the agent alone", func(t *testing.T) {
		r := buildx.Build(t, buildx.Request{
			Dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nVOLUME /opt/dynatrace/oneagent\nENTRYPOINT [\"busybox\", \"echo\", \"app\"]\n", Secrets: tenant.Secrets(env),
		})
		require.Equal(t, 1, r.Warned("DynatraceVolume: VOLUME /opt/dynatrace/oneagent hides the agent"), r.Output)
		code, out := withEmptyVolume(t, r, "/opt/dynatrace/oneagent")
		require.Zero(t, code)
		require.Equal(t, "app\n", out, "as the rule says: the app starts")
	})
	t.Run("skipped", func(t *testing.T) {
		r := buildx.Build(t, buildx.Request{
			Dockerfile: "# syntax=SYNTAX\n# check=skip=DynatraceVolume\nFROM busybox:1.37-musl\nVOLUME /opt\nENTRYPOINT [\"busybox\", \"echo\", \"app\"]\n", Secrets: tenant.Secrets(env),
		})
		code, _ := withEmptyVolume(t, r, "/opt")
		require.NotZero(t, code, "as the rule says: the app does not start")
		require.Equal(t, "app\n", container.Finish(t, r, tenant.AgentDetails(env)).Stdout, "with a volume that the engine fills")
	})
}

// withEmptyVolume runs an image as an engine does that leaves volumes empty. The
// code is -1 if the container does not even start.
func withEmptyVolume(t *testing.T, r buildx.Result, at string) (code int, stdout string) {
	t.Helper()
	spec := runc.Spec{Rootfs: r.Unpack(t), Config: r.Image(t).Config.Config.ImageConfig}
	spec.Mounts = append(spec.Mounts, specs.Mount{Destination: at, Type: "tmpfs", Source: "tmpfs"})
	c, err := runc.Run(t.Context(), spec)
	if err != nil {
		return -1, ""
	}
	t.Cleanup(func() { require.NoError(t, c.Delete()) })
	code, err = c.Wait()
	require.NoError(t, err)
	return code, c.Stdout()
}

package platforms

import (
	"path/filepath"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/stretchr/testify/require"
)

const includeAuto = "# syntax=SYNTAX\n# dynatrace=include=auto\n"

// The programs are Debian's, of which none could be run here: what they need
// is not there.
func TestInclude_FollowsRealPrograms(t *testing.T) {
	const base = "FROM debian-split:bookworm\n"
	tests := map[string]struct{ dockerfile, want string }{
		"Apache":       {base + "COPY --from=debian-programs:bookworm /apache2-bin/ /\n", "apache"},
		"nginx":        {base + "COPY --from=debian-programs:bookworm /nginx/ /\n", "nginx"},
		"Node.js":      {base + "COPY --from=debian-programs:bookworm /nodejs/ /\n", "nodejs"},
		"PHP":          {base + "COPY --from=debian-programs:bookworm /php8.2-cli/ /\n", "php"},
		"PHP's server": {base + "COPY --from=debian-programs:bookworm /php8.2-fpm/ /\n", "php"},
		"several": {
			base + "COPY --from=debian-programs:bookworm /nginx/ /\nCOPY --from=debian-programs:bookworm /nodejs/usr/bin/node /srv/bin/\nENV PATH=/srv/bin:$PATH\n",
			"nginx,nodejs",
		},
	}
	env := tenant.New(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := buildx.Build(t, buildx.Request{Dockerfile: includeAuto + tt.dockerfile, Secrets: tenant.Secrets(env)})
			require.Equal(t, tt.want, r.Image(t).Config.Config.Labels[inspect.TechnologiesLabel])
		})
	}
}

// Programs lie behind chains of symlinks and beside PATH. A name that is no
// UTF-8, which the gateway cannot list, is in nobody's way.
func TestInclude_FollowsTheUsualPlaces(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Build(t, buildx.Request{
		Dockerfile: includeAuto + `FROM debian:bookworm-slim
RUN mkdir -p /usr/lib/jvm/java-17/bin /opt/java/openjdk/bin /usr/share/dotnet && \
    install -m 0755 /bin/true /usr/lib/jvm/java-17/bin/java && \
    ln -s /usr/lib/jvm/java-17/bin/java /etc/alternatives/java && \
    ln -s /etc/alternatives/java /usr/bin/java && \
    install -m 0755 /bin/true /usr/share/dotnet/dotnet && \
    ln -s /usr/sbin/gone /usr/sbin/nginx && : >/usr/bin/php && \
    touch "$(printf '/usr/bin/\377')" "$(printf '/\377')"
`,
		Secrets: tenant.Secrets(env),
	})
	require.Equal(t, "dotnet,java", r.Image(t).Config.Config.Labels[inspect.TechnologiesLabel])
}

// Busybox has a web server of the same name as Apache's.
func TestInclude_WithoutATechnologyIsAll(t *testing.T) {
	env := tenant.New(t)
	for name, dockerfile := range map[string]string{
		"Debian":  "FROM debian:bookworm-slim\n",
		"busybox": "FROM busybox:1.37-musl\nRUN mkdir /tools && cp /bin/busybox /tools/ && /tools/busybox --install /tools\nENV PATH=/tools\n",
	} {
		t.Run(name, func(t *testing.T) {
			r := buildx.Build(t, buildx.Request{Dockerfile: includeAuto + dockerfile, Secrets: tenant.Secrets(env)})
			require.Contains(t, r.Output, "no technology was found in the image for linux/amd64: all are included")
			require.NotEqual(t, "apache", r.Image(t).Config.Config.Labels[inspect.TechnologiesLabel])
			if name == "busybox" {
				require.FileExists(t, filepath.Join(r.Unpack(t), "tools/httpd"), "control")
			}
		})
	}
}

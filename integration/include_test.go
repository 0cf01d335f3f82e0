package integration

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const includeAuto = "# syntax=SYNTAX\n# dynatrace=include=auto\n"

// The programs are Debian's, of which none could be run here: what they need
// is not there.
func TestIncludeFollowsRealPrograms(t *testing.T) {
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
	env := newEnvironment(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := build(t, request{dockerfile: includeAuto + tt.dockerfile, secrets: withSecrets(env)})
			require.Equal(t, tt.want, r.image(t).Config.Config.Labels[technologiesLabel])
		})
	}
}

// Programs lie behind chains of symlinks and beside PATH. A name that is no
// UTF-8, which the gateway cannot list, is in nobody's way.
func TestIncludeFollowsTheUsualPlaces(t *testing.T) {
	env := newEnvironment(t)
	r := build(t, request{
		dockerfile: includeAuto + `FROM debian:bookworm-slim
RUN mkdir -p /usr/lib/jvm/java-17/bin /opt/java/openjdk/bin /usr/share/dotnet && \
    install -m 0755 /bin/true /usr/lib/jvm/java-17/bin/java && \
    ln -s /usr/lib/jvm/java-17/bin/java /etc/alternatives/java && \
    ln -s /etc/alternatives/java /usr/bin/java && \
    install -m 0755 /bin/true /usr/share/dotnet/dotnet && \
    ln -s /usr/sbin/gone /usr/sbin/nginx && : >/usr/bin/php && \
    touch "$(printf '/usr/bin/\377')" "$(printf '/\377')"
`,
		secrets: withSecrets(env),
	})
	require.Equal(t, "dotnet,java", r.image(t).Config.Config.Labels[technologiesLabel])
}

// Busybox has a web server of the same name as Apache's.
func TestIncludeWithoutATechnologyIsAll(t *testing.T) {
	env := newEnvironment(t)
	for name, dockerfile := range map[string]string{
		"Debian":  "FROM debian:bookworm-slim\n",
		"busybox": "FROM busybox:1.37-musl\nRUN mkdir /tools && cp /bin/busybox /tools/ && /tools/busybox --install /tools\nENV PATH=/tools\n",
	} {
		t.Run(name, func(t *testing.T) {
			r := build(t, request{dockerfile: includeAuto + dockerfile, secrets: withSecrets(env)})
			require.Contains(t, r.output, "no technology was found in the image for linux/amd64: all are included")
			require.NotEqual(t, "apache", r.image(t).Config.Config.Labels[technologiesLabel])
			if name == "busybox" {
				require.FileExists(t, filepath.Join(r.unpack(t), "tools/httpd"), "control")
			}
		})
	}
}

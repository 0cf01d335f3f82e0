package integration

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const flavorLabel = "com.dynatrace.oneagent.flavor"

// The C library is told by the loaders in the image. None of its programs is
// run: the files here are empty.
func TestFlavorFollowsTheImage(t *testing.T) {
	tests := map[string]struct {
		dockerfile string
		files      map[string]string
		args       []string
		want       string
		says       string
	}{
		"Debian": {
			dockerfile: "FROM debian:bookworm-slim\n",
			want:       "default",
		},
		"usr-merged": {
			dockerfile: "FROM links\nCOPY usr /usr\n",
			want:       "musl",
		},
		"musl of the app itself": {
			dockerfile: "FROM busybox:1.37-musl\nCOPY ld /lib/ld-musl-x86_64.so.1\n",
			want:       "musl",
		},
		"both": {
			dockerfile: "FROM scratch\nCOPY ld /lib/ld-musl-x86_64.so.1\nCOPY ld /lib64/ld-linux-x86-64.so.2\n",
			want:       "multidistro",
		},
		"arm64": {
			dockerfile: "FROM scratch\nCOPY ld /lib/ld-linux-aarch64.so.1\n",
			args:       []string{"--platform=linux/arm64"},
			want:       "default",
		},
		"static": {
			dockerfile: "FROM scratch\nCOPY ld /app\n",
			want:       "default",
			says:       "has no loader of glibc or musl",
		},
		"chosen": {
			dockerfile: "FROM debian:bookworm-slim\n",
			args:       withOptions("flavor=multidistro"),
			want:       "multidistro",
		},
	}
	env := newEnvironment(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dockerfile := "# syntax=SYNTAX\n"
			if name == "usr-merged" {
				dockerfile += "FROM busybox:1.37-musl AS links\nRUN rm -rf /lib && ln -s usr/lib /lib\n"
			}
			r := build(t, request{
				dockerfile: dockerfile + tt.dockerfile,
				files:      map[string]string{"ld": "", "usr/lib/ld-musl-x86_64.so.1": ""},
				secrets:    withSecrets(env),
				args:       tt.args,
			})
			require.Equal(t, tt.want, r.image(t).Config.Config.Labels[flavorLabel])
			if tt.says != "" {
				require.Contains(t, r.output, tt.says)
			} else {
				require.NotContains(t, r.output, "has no loader")
			}
		})
	}
}

func TestAnUnknownKindOfSystemIsSaid(t *testing.T) {
	env := newEnvironment(t)
	df := "# syntax=SYNTAX\nFROM scratch\nCOPY ld /nix/store/abc-glibc/lib/ld-linux-x86-64.so.2\n"
	files := map[string]string{"ld": ""}
	r := buildFails(t, request{dockerfile: df, files: files, secrets: withSecrets(env)})
	require.Contains(t, lastError(t, r), "cannot tell the C library of the image for linux/amd64: its loaders lie below /nix/store; say it with flavor=default")
	build(t, request{dockerfile: df, files: files, secrets: withSecrets(env), args: withOptions("flavor=default")})
}

func TestIncludeFollowsTheImage(t *testing.T) {
	env := newEnvironment(t)
	r := build(t, request{
		dockerfile: "# syntax=SYNTAX\n# dynatrace=include=auto\nFROM debian:bookworm-slim\nRUN touch /usr/bin/nginx /usr/local/bin/node && mkdir -p /usr/lib/jvm/java-17\n",
		secrets:    withSecrets(env),
	})
	require.Equal(t, "java,nginx,nodejs", r.image(t).Config.Config.Labels["com.dynatrace.oneagent.technologies"])
	r = build(t, request{dockerfile: "# syntax=SYNTAX\n# dynatrace=include=auto\nFROM debian:bookworm-slim\n", secrets: withSecrets(env)})
	require.Contains(t, r.output, "no technology was found in the image for linux/amd64: all are included")
}

package integration

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// The files are those of Debian's packages for each platform, of which the
// builder can run but its own.
func TestFlavorFollowsRealFiles(t *testing.T) {
	all := slices.Sorted(maps.Keys(everywhere))
	some := []string{"linux/amd64", "linux/arm64"} // that have an agent for musl
	tests := map[string]struct {
		base      string
		platforms []string
		flavor    agent.Flavor
	}{
		"usr-merged":     {"debian-files", all, agent.FlavorDefault},
		"not usr-merged": {"debian-split", all, agent.FlavorDefault},
		"distroless":     {"debian-distroless", all, agent.FlavorDefault},
		"musl":           {"debian-musl", some, agent.FlavorMusl},
		"glibc and musl": {"debian-both", some, agent.FlavorMultidistro},
	}
	env := newEnvironment(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := build(t, request{
				dockerfile: "# syntax=SYNTAX\nFROM " + tt.base + ":bookworm\nCOPY Dockerfile /app\n",
				secrets:    withSecrets(env),
				args:       []string{"--platform=" + strings.Join(tt.platforms, ",")},
			})
			require.NotContains(t, r.output, "no loader")
			for _, platform := range tt.platforms {
				img, err := r.layout(t).Image(platform)
				require.NoError(t, err)
				root := requireAgent(t, img, tt.flavor)
				requireLoaders(t, root, agent.ArchOf(img.Config.Architecture), tt.flavor)
			}
		})
	}
	require.Equal(t, len(all)+2*len(some), installers(env), "one for each platform and flavor, whatever the base")
}

// There is none for musl on these: the cluster's word is the error.
func TestAFlavorThatThePlatformLacks(t *testing.T) {
	env := newEnvironment(t)
	r := buildFails(t, request{
		dockerfile: "# syntax=SYNTAX\nFROM debian-musl:bookworm\n",
		secrets:    withSecrets(env),
		args:       []string{"--platform=linux/s390x"},
	})
	require.Contains(t, lastError(t, r), "OneAgent (musl, s390): the cluster rejected the request (400)")
}

// Where the base image is not enough, the app's own files count. None of its
// programs is run: the files here are empty.
func TestFlavorFollowsTheApp(t *testing.T) {
	const musl = "# syntax=SYNTAX\nFROM debian-musl:bookworm AS musl\n"
	tests := map[string]struct {
		dockerfile string
		args       []string
		want       string
		says       string
	}{
		"Debian": {
			dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\n",
			want:       "default",
		},
		"musl of the app itself": {
			dockerfile: "# syntax=SYNTAX\nFROM busybox:1.37-musl\nCOPY ld /lib/ld-musl-x86_64.so.1\n",
			want:       "musl",
		},
		"both of the app itself": {
			dockerfile: "# syntax=SYNTAX\nFROM scratch\nCOPY ld /lib/ld-musl-x86_64.so.1\nCOPY ld /lib64/ld-linux-x86-64.so.2\n",
			want:       "multidistro",
		},
		"copied from another stage": {
			dockerfile: musl + "FROM scratch\nCOPY --from=musl /lib /lib\n",
			want:       "musl",
		},
		"gcompat": {
			dockerfile: musl + "RUN mkdir /lib64 && ln -s ../lib/ld-linux-x86-64.so.2 /lib64/ && : >/lib/ld-linux-x86-64.so.2 && : >/lib/libgcompat.so.0\nFROM scratch\nCOPY --from=musl / /\n",
			want:       "musl",
		},
		"libc6-compat": {
			dockerfile: musl + "RUN mkdir /lib64 && ln -s /lib/ld-musl-x86_64.so.1 /lib64/ld-linux-x86-64.so.2\nFROM scratch\nCOPY --from=musl / /\n",
			want:       "musl",
		},
		"static": {
			dockerfile: "# syntax=SYNTAX\nFROM scratch\nCOPY ld /app\n",
			want:       "default",
			says:       "the image for linux/amd64 has no loader of glibc or musl: its static programs cannot load OneAgent and are not monitored; only a program that comes later, together with glibc, is",
		},
		"another platform's": {
			dockerfile: "# syntax=SYNTAX\nFROM scratch\nCOPY ld /lib/ld-musl-x86_64.so.1\n",
			args:       []string{"--platform=linux/arm64"},
			want:       "default",
			says:       "the image for linux/arm64 has no loader of glibc or musl",
		},
		"chosen": {
			dockerfile: "# syntax=SYNTAX\nFROM debian:bookworm-slim\n",
			args:       withOptions("flavor=multidistro"),
			want:       "multidistro",
		},
	}
	env := newEnvironment(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := build(t, request{
				dockerfile: tt.dockerfile,
				files:      map[string]string{"ld": ""},
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

// The app's own step waits for the agent's download: with a base image that
// tells the flavor, that does not wait for the app.
func TestTheDownloadDoesNotWaitForTheApp(t *testing.T) {
	env := newEnvironment(t)
	downloaded := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if installers(env) == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer downloaded.Close()
	r := build(t, request{
		dockerfile: fmt.Sprintf("# syntax=SYNTAX\nFROM debian-musl:bookworm\nRUN n=0; until busybox wget -qO- %s; do n=$((n+1)); [ $n -lt 600 ] || exit 1; busybox sleep 0.1; done\n", downloaded.URL),
		secrets:    withSecrets(env),
	})
	requireAgent(t, r.image(t), agent.FlavorMusl)
}

package platforms

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/inspect"
	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/stretchr/testify/require"
)

// The files are those of Debian's packages for each platform, of which the
// builder can run but its own.
func TestFlavor_FollowsRealFiles(t *testing.T) {
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
	env := tenant.New(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := buildx.Build(t, buildx.Request{
				Dockerfile: "# syntax=SYNTAX\nFROM " + tt.base + ":bookworm\nCOPY Dockerfile /app\n",
				Secrets:    tenant.Secrets(env),
				Args:       []string{"--platform=" + strings.Join(tt.platforms, ",")},
			})
			require.NotContains(t, r.Output, "no loader")
			for _, platform := range tt.platforms {
				img, err := r.Layout(t).Image(platform)
				require.NoError(t, err)
				root := requireAgent(t, img, tt.flavor)
				requireLoaders(t, root, agent.ArchOf(img.Config.Architecture), tt.flavor)
			}
		})
	}
	require.Equal(t, len(all)+2*len(some), tenant.Downloads(env), "one for each platform and flavor, whatever the base")
}

// There is none for musl on these: the cluster's word is the error.
func TestFlavor_ThatThePlatformLacks(t *testing.T) {
	env := tenant.New(t)
	r := buildx.Fails(t, buildx.Request{
		Dockerfile: "# syntax=SYNTAX\nFROM debian-musl:bookworm\n",
		Secrets:    tenant.Secrets(env),
		Args:       []string{"--platform=linux/s390x"},
	})
	require.Contains(t, buildx.LastError(t, r), "OneAgent (musl, s390): the cluster rejected the request (400)")
}

// Where the base image is not enough, the app's own files count. None of its
// programs is run: the files here are empty.
func TestFlavor_FollowsTheApp(t *testing.T) {
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
			args:       buildx.Options("flavor=multidistro"),
			want:       "multidistro",
		},
	}
	env := tenant.New(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := buildx.Build(t, buildx.Request{
				Dockerfile: tt.dockerfile,
				Files:      map[string]string{"ld": ""},
				Secrets:    tenant.Secrets(env),
				Args:       tt.args,
			})
			require.Equal(t, tt.want, r.Image(t).Config.Config.Labels[inspect.FlavorLabel])
			if tt.says != "" {
				require.Contains(t, r.Output, tt.says)
			} else {
				require.NotContains(t, r.Output, "has no loader")
			}
		})
	}
}

func TestFlavor_UnknownSystemIsReported(t *testing.T) {
	env := tenant.New(t)
	df := "# syntax=SYNTAX\nFROM scratch\nCOPY ld /nix/store/abc-glibc/lib/ld-linux-x86-64.so.2\n"
	files := map[string]string{"ld": ""}
	r := buildx.Fails(t, buildx.Request{Dockerfile: df, Files: files, Secrets: tenant.Secrets(env)})
	require.Contains(t, buildx.LastError(t, r), "cannot tell the C library of the image for linux/amd64: its loaders lie below /nix/store; say it with flavor=default")
	buildx.Build(t, buildx.Request{Dockerfile: df, Files: files, Secrets: tenant.Secrets(env), Args: buildx.Options("flavor=default")})
}

// The app's own step waits for the agent's download: with a base image that
// tells the flavor, that does not wait for the app.
func TestFlavor_DownloadDoesNotWaitForTheApp(t *testing.T) {
	env := tenant.New(t)
	downloaded := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if tenant.Downloads(env) == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer downloaded.Close()
	r := buildx.Build(t, buildx.Request{
		Dockerfile: fmt.Sprintf("# syntax=SYNTAX\nFROM debian-musl:bookworm\nRUN n=0; until busybox wget -qO- %s; do n=$((n+1)); [ $n -lt 600 ] || exit 1; busybox sleep 0.1; done\n", downloaded.URL),
		Secrets:    tenant.Secrets(env),
	})
	requireAgent(t, r.Image(t), agent.FlavorMusl)
}

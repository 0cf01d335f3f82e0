package address

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAPI has addresses as people paste them.
func TestAPI(t *testing.T) {
	t.Parallel()
	const (
		saas    = "https://abc12345.live.dynatrace.com/api"
		sprint  = "https://abc12345.sprint.dynatracelabs.com/api"
		managed = "https://dt.example.invalid/e/abc12345/api"
		gate    = "https://ag.example.invalid:9999/e/abc12345/api"
		route   = "https://activegate.apps.ocp.example.invalid/e/abc12345/api"
	)
	for raw, want := range map[string]string{
		"": saas,

		// What a browser shows of newer environments.
		"https://abc12345.apps.dynatrace.com":                                                 saas,
		"https://abc12345.apps.dynatrace.com/":                                                saas,
		"https://abc12345.apps.dynatrace.com/#":                                               saas,
		"https://abc12345.apps.dynatrace.com/ui/":                                             saas,
		"https://abc12345.apps.dynatrace.com/ui/apps/dynatrace.classic.tokens/ui/tokens":      saas,
		"https://abc12345.apps.dynatrace.com/ui/settings/builtin:x?gtf=-2h%20to%20now&gf=all": saas,
		"https://abc12345.apps.dynatrace.com/ui/hub#search=x":                                 saas,
		"https://abc12345.apps.dynatrace.com/platform-reserved/x":                             saas,
		"https://abc12345.apps.dynatrace.com/api":                                             saas,
		"https://abc12345.apps.dynatrace.com/api/v2":                                          saas,
		"https://abc12345.apps.dynatrace.com/e/abc12345/api":                                  saas,
		"https://abc12345.apps.dynatrace.com:443":                                             saas,
		"https://abc12345.apps.dynatrace.com./":                                               saas,
		"HTTPS://ABC12345.Apps.Dynatrace.com/ui":                                              saas,
		"https://abc12345.apps.dynatrace.com:8443/ui/":                                        "https://abc12345.live.dynatrace.com:8443/api",
		"https://abc12345.sprint.apps.dynatracelabs.com":                                      sprint,
		"https://abc12345.sprint.apps.dynatracelabs.com/ui/apps/x?a=b#c":                      sprint,
		"https://abc12345.dev.apps.dynatracelabs.com/":                                        "https://abc12345.dev.dynatracelabs.com/api",
		"https://abc12345.hardening.apps.dynatracelabs.com":                                   "https://abc12345.hardening.dynatracelabs.com/api",

		// Of older environments, and of the API's documents.
		"https://abc12345.live.dynatrace.com":                                            saas,
		"https://ABC12345.live.dynatrace.com/":                                           saas,
		"https://abc12345.live.dynatrace.com:443/api/":                                   saas,
		"https://abc12345.live.dynatrace.com/api/v1":                                     saas,
		"https://abc12345.live.dynatrace.com/api/v2/":                                    saas,
		"https://abc12345.live.dynatrace.com/api/config/v1/dashboards":                   saas,
		"https://abc12345.live.dynatrace.com/api/v1/deployment/installer/agent":          saas,
		"https://abc12345.live.dynatrace.com/communication":                              saas,
		"https://abc12345.live.dynatrace.com:443/communication/":                         saas,
		"https://abc12345.live.dynatrace.com/#dashboards":                                saas,
		"https://abc12345.live.dynatrace.com/#dashboard;gtf=-2h;gf=all":                  saas,
		"https://abc12345.live.dynatrace.com/?gtf=-2h#hosts":                             saas,
		"https://abc12345.live.dynatrace.com/ui/access-tokens?gtf=-2h":                   saas,
		"https://abc12345.sprint.dynatracelabs.com/ui":                                   sprint,
		"https://dt.example.invalid":                                                     managed,
		"https://dt.example.invalid/":                                                    managed,
		"https://dt.example.invalid/e/abc12345":                                          managed,
		"https://dt.example.invalid/e/abc12345/#dashboard;id=1":                          managed,
		"https://dt.example.invalid/e/abc12345/ui/hosts?gtf=-2h#x":                       managed,
		"https://dt.example.invalid/e/abc12345/api/":                                     managed,
		"https://dt.example.invalid/e/abc12345/api/v1":                                   managed,
		"https://dt.example.invalid/e/abc12345/api/v2/metrics/query":                     managed,
		"https://dt.example.invalid//e/abc12345//api//":                                  managed,
		"https://dt.example.invalid:443/e/abc12345/communication":                        managed,
		"https://DT.Example.invalid/e/abc12345":                                          managed,
		"https://dt.example.invalid/ui/":                                                 managed,
		"https://ag.example.invalid:9999":                                                gate,
		"https://ag.example.invalid:9999/communication":                                  gate,
		"https://ag.example.invalid:9999/e/abc12345/api/v1/deployment/installer/agent/x": gate,
		"https://[2001:DB8::1]:9999/e/abc12345":                                          "https://[2001:db8::1]:9999/e/abc12345/api",
		"https://[2001:db8::1]:443/e/abc12345":                                           "https://[2001:db8::1]/e/abc12345/api",
		"http://127.0.0.1:80/api":                                                        "http://127.0.0.1/api",
		"http://127.0.0.1:443/api":                                                       "http://127.0.0.1:443/api",

		// Without /e/ an ActiveGate or a gateway may know its environment.
		"https://dt.example.invalid/api":          "https://dt.example.invalid/api",
		"https://dt.example.invalid/api/v1/":      "https://dt.example.invalid/api",
		"https://dt.example.invalid:443/api/v2/x": "https://dt.example.invalid/api",

		// A path is the user's own, whatever it is called, and so is a host.
		"https://dt.example.invalid/some/prefix/e/abc12345/api":    "https://dt.example.invalid/some/prefix/e/abc12345/api",
		"https://dt.example.invalid/some/prefix":                   "https://dt.example.invalid/some/prefix/api",
		"https://dt.example.invalid/api/v1/dt/e/abc12345":          "https://dt.example.invalid/api/v1/dt/e/abc12345/api",
		"https://dt.example.invalid/ui/e/ABC12345/api/v2/x":        "https://dt.example.invalid/ui/e/ABC12345/api",
		"https://dt.example.invalid/api/v1/dt/e/abc12345/api":      "https://dt.example.invalid/api/v1/dt/e/abc12345/api",
		"https://activegate.apps.ocp.example.invalid/e/abc12345":   route,
		"https://activegate.apps.ocp.example.invalid/":             route,
		"https://activegate.apps.ocp.example.invalid/e/abc12345/x": "https://activegate.apps.ocp.example.invalid/e/abc12345/x/api",
	} {
		t.Run(raw, func(t *testing.T) {
			t.Parallel()
			got, err := API(raw, "abc12345")
			require.NoError(t, err)
			require.Equal(t, want, got)
			again, err := API(got, "abc12345")
			require.NoError(t, err)
			require.Equal(t, got, again, "it is its own address")
		})
	}
}

// TestAPI_Refuses has addresses that say nothing certain, or too much.
func TestAPI_Refuses(t *testing.T) {
	t.Parallel()
	sentinel := strings.ToLower(rand.Text())
	const end = "must end with its path"
	for raw, want := range map[string]string{
		sentinel + ".apps.dynatrace.com/ui":         "must begin with https://",
		"ftp://" + sentinel + ".apps.dynatrace.com": "must begin with https://",
		"https:///api":  "has no host",
		"https://./api": "has no host",
		"https://" + sentinel + ".apps.dynatracelab..":                            "has an invalid host",
		"https://." + sentinel + ".invalid":                                       "has an invalid host",
		"https://" + sentinel + "..live.dynatrace.com/api":                        "has an invalid host",
		"https://" + sentinel + "%zz":                                             "is not a URL",
		"https://" + sentinel + " .invalid":                                       "is not a URL",
		"https://u:" + sentinel + "@x.apps.dynatrace.com/ui":                      "must not hold a user name",
		"http://" + sentinel + ".apps.dynatrace.com":                              "is plain http",
		"https://" + sentinel + ".invalid/api?flavor=musl":                        end,
		"https://" + sentinel + ".invalid/e/abc12345/api/v1/x?flavor=musl":        end,
		"https://" + sentinel + ".invalid/some/path#x":                            end,
		"https://" + sentinel + ".invalid/?x=y":                                   end,
		"https://x.apps.dynatrace.com/ui/?Api-Token=" + sentinel:                  end,
		"https://x.live.dynatrace.com/ui/x#y?api-token=" + sentinel:               end,
		"https://x.apps.dynatrace.com/?t=dt0c01.A." + sentinel:                    end,
		"https://x.live.dynatrace.com/api/v1/x?flavor=musl&Api-Token=" + sentinel: end,
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			_, err := API(raw, "abc12345")
			require.ErrorContains(t, err, "DT_API_URL "+want)
			require.NotContains(t, err.Error(), sentinel)
		})
	}
}

func TestOthers(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"https://abc12345.live.dynatrace.com/api"}, Others(" https://ABC12345.apps.dynatrace.com/ui/x?y#z\n"))
	require.Equal(t, []string{"https://abc12345.sprint.dynatracelabs.com:8443/api"}, Others("https://abc12345.sprint.apps.dynatracelabs.com:8443"))
	for _, raw := range []string{"", "%", "https://abc12345.live.dynatrace.com/api", "https://x.apps.ocp.example.invalid"} {
		require.Empty(t, Others(raw), raw)
	}
}

func FuzzAPI(f *testing.F) {
	f.Add("https://abc12345.sprint.apps.dynatracelabs.com:443/e/abc12345/ui/x?y#z")
	f.Add("https://[::1]:443//api/../v1")
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := API(raw, "abc12345")
		if err != nil {
			return
		}
		require.True(t, strings.HasSuffix(got, "/api"), got)
		again, err := API(got, "abc12345")
		require.NoError(t, err, got)
		require.Equal(t, got, again)
	})
}

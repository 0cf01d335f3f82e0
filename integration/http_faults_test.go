package integration

import (
	"net/http"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/cluster"
	"github.com/org/dt-frontend/integration/front"
	"github.com/stretchr/testify/require"
)

// onInstaller is a fault of the download alone; others hit the first question.
var onInstaller = []cluster.Endpoint{cluster.EndpointInstaller}

// ends builds with an environment that cannot work, and prints how long that
// takes and what its user sees.
func ends(t *testing.T, name string, env *cluster.Environment, secrets map[string]string, within time.Duration, want string) {
	t.Helper()
	r := buildFails(t, request{dockerfile: smallApp, secrets: secrets})
	figure("fault %s: %.1f s: %s", name, r.took.Seconds(), lastError(t, r))
	require.Contains(t, lastError(t, r), "dynatrace: ")
	require.Contains(t, lastError(t, r), want)
	require.Less(t, r.took, within)
	requireNoSecrets(t, r.output, env)
}

// What a cluster answers wrongly is one line, in a time that is bounded: by 8
// seconds for the first question, by 30 for what comes before the installer's
// first byte, and by 90 seconds of silence behind that. The rest is for a
// machine with other work.
func TestFaultsOfAnswers(t *testing.T) {
	const soon, resolving, downloading, silent = 15 * time.Second, 30 * time.Second, 60 * time.Second, 150 * time.Second
	for name, tt := range map[string]struct {
		fault  cluster.Fault
		within time.Duration
		want   string
	}{
		"400":             {cluster.Fault{Kind: cluster.FaultBadRequest}, soon, "the cluster rejected the request (400): Constraints violated; bitness: must not be 64; arch: must not be empty; check the options that it names"},
		"401":             {cluster.Fault{Kind: cluster.FaultUnauthorized}, soon, "the cluster refused the token (401): Token Authentication failed; check DT_API_TOKEN"},
		"403":             {cluster.Fault{Kind: cluster.FaultForbidden}, soon, "the token lacks the scope InstallerDownload (403): "},
		"404":             {cluster.Fault{Kind: cluster.FaultNotFound}, soon, "the cluster does not know what was asked for (404): Not found; check DT_API_URL and DT_TENANT"},
		"429 for long":    {cluster.Fault{Kind: cluster.FaultRateLimit, Reset: 5 * time.Minute}, soon, "the cluster limits requests (429): Too many requests; it takes requests again in "},
		"500":             {cluster.Fault{Kind: cluster.FaultInternal}, resolving, "the cluster failed (500): Internal server error; try again later"},
		"502":             {cluster.Fault{Kind: cluster.FaultBadGateway}, resolving, "a gateway in front of the cluster got no answer from it (502); try again later"},
		"503":             {cluster.Fault{Kind: cluster.FaultUnavailable}, resolving, "the cluster failed (503): Service unavailable; try again later"},
		"504":             {cluster.Fault{Kind: cluster.FaultGatewayTimeout}, resolving, "a gateway in front of the cluster got no answer from it (504); try again later"},
		"304":             {cluster.Fault{Kind: cluster.FaultNotModified}, soon, "a cache on the way to the cluster answered that nothing has changed"},
		"web page":        {cluster.Fault{Kind: cluster.FaultHTML}, soon, "is a web page: check DT_API_URL"},
		"encoding":        {cluster.Fault{Kind: cluster.FaultEncoding}, soon, "is encoded (x-unheard-of), which nobody asked for"},
		"short":           {cluster.Fault{Kind: cluster.FaultTruncated}, resolving, "broke off the connection: try again"},
		"cut":             {cluster.Fault{Kind: cluster.FaultCut}, resolving, "broke off the connection: try again"},
		"long":            {cluster.Fault{Kind: cluster.FaultLong}, soon, "is no JSON of the expected form"},
		"stall":           {cluster.Fault{Kind: cluster.FaultStall}, resolving, "did not answer in time: check DT_API_URL"},
		"silent":          {cluster.Fault{Kind: cluster.FaultSilent}, resolving, "did not answer in time: check DT_API_URL"},
		"installer 304":   {cluster.Fault{Kind: cluster.FaultNotModified, On: onInstaller}, soon, "a cache on the way to the cluster answered that nothing has changed"},
		"installer 404":   {cluster.Fault{Kind: cluster.FaultNotFound, On: onInstaller}, soon, "downloading OneAgent " + cluster.DefaultTarget + " (default, x86, all): the cluster does not know what was asked for (404)"},
		"installer 502":   {cluster.Fault{Kind: cluster.FaultBadGateway, On: onInstaller}, downloading, "a gateway in front of the cluster got no answer from it (502); try again later"},
		"installer page":  {cluster.Fault{Kind: cluster.FaultHTML, On: onInstaller}, soon, "the cluster answered the request for an installer with a web page (Content-Type text/html)"},
		"installer br":    {cluster.Fault{Kind: cluster.FaultEncoding, On: onInstaller}, soon, "is encoded (x-unheard-of), which nobody asked for"},
		"installer short": {cluster.Fault{Kind: cluster.FaultTruncated, On: onInstaller}, resolving, "the cluster closed the connection (3 tries); try again later"},
		"installer cut":   {cluster.Fault{Kind: cluster.FaultCut, On: onInstaller, After: 3000}, resolving, "the cluster closed the connection (3 tries); try again later"},
		"installer long":  {cluster.Fault{Kind: cluster.FaultLong, On: onInstaller}, resolving, "the installer"},
		"installer stall": {cluster.Fault{Kind: cluster.FaultStall, On: onInstaller}, silent, "nothing came for 30s (3 tries); try again later"},
		"installer mute":  {cluster.Fault{Kind: cluster.FaultSilent, On: onInstaller}, downloading, "did not answer in time: check DT_API_URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			env.SetFault(tt.fault)
			ends(t, name, env, withSecrets(env), tt.within, tt.want)
		})
	}
}

// So is what comes before an answer.
func TestFaultsOfTheConnection(t *testing.T) {
	const within = 30 * time.Second
	at := func(env *cluster.Environment, address, ca string) map[string]string {
		s := withSecrets(env)
		s["DT_API_URL"] = "https://" + address + "/e/" + env.ID() + "/api"
		if ca != "" {
			s["DT_CA_CERT"] = ca
		}
		return s
	}
	hole, err := front.BlackHole(t, 0)
	require.NoError(t, err)
	for name, tt := range map[string]struct{ address, want string }{
		"refused":    {"127.0.0.1:1", "<host of DT_API_URL> refused the connection: check DT_API_URL"},
		"no name":    {"cluster.invalid", "cannot find host"},
		"black hole": {hole, "<host of DT_API_URL> did not answer in time: check DT_API_URL, and whether it can be reached from here by a proxy alone (DT_PROXY or HTTPS_PROXY)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			ends(t, name, env, at(env, tt.address, ""), within, tt.want)
		})
	}
	for name, tt := range map[string]struct {
		host    string
		trusted bool
		options []front.Option
		want    string
	}{
		"unknown authority": {"127.0.0.1", false, nil, "has a certificate of an unknown authority: pass that authority's certificate (PEM) as DT_CA_CERT"},
		"wrong name":        {"elsewhere.test", true, nil, "has a certificate for other names: check DT_API_URL, or renew the certificate with this name"},
		"expired":           {"127.0.0.1", true, []front.Option{front.Expired()}, "has a certificate that is not valid now (it is from "},
		"not yet valid":     {"127.0.0.1", true, []front.Option{front.NotYetValid()}, "has a certificate that is not valid now (it is from "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, authority := newEnvironment(t), front.NewAuthority(t)
			ca := ""
			if tt.trusted {
				ca = authority.PEM
			}
			address := front.Serve(t, authority, tt.host, "127.0.0.1:0", http.NotFoundHandler(), tt.options...)
			ends(t, name, env, at(env, address, ca), 15*time.Second, tt.want)
		})
	}
}

// What passes, or can be mended on the way, costs time and not the build. That
// the installer is whole its digest shows.
func TestFaultsThatPass(t *testing.T) {
	once := func(kind cluster.FaultKind, on ...cluster.Endpoint) cluster.Fault {
		return cluster.Fault{Kind: kind, On: on, Times: 1}
	}
	for name, tt := range map[string]struct {
		fault   cluster.Fault
		options []cluster.EnvironmentOption
		says    string
		asked   int // for the installer
	}{
		"502":                   {once(cluster.FaultBadGateway), nil, "", 1},
		"504":                   {once(cluster.FaultGatewayTimeout, onInstaller...), nil, "", 2},
		"429":                   {cluster.Fault{Kind: cluster.FaultRateLimit, Reset: 15 * time.Second, Times: 1, On: []cluster.Endpoint{cluster.EndpointConnectionInfo}}, nil, "the cluster limits requests: waiting 15 s", 1},
		"429 for the installer": {cluster.Fault{Kind: cluster.FaultRateLimit, Reset: 40 * time.Second, Times: 1, On: onInstaller}, nil, "the cluster limits requests: waiting 40 s", 2},
		"503 with Retry-After":  {cluster.Fault{Kind: cluster.FaultUnavailable, Reset: 12 * time.Second, Times: 1, On: []cluster.Endpoint{cluster.EndpointConnectionInfo}}, nil, "the cluster limits requests: waiting 12 s", 1},
		"packed answers":        {cluster.Fault{Kind: cluster.FaultGzip}, nil, "", 1},
		"cut":                   {once(cluster.FaultCut, onInstaller...), nil, "the cluster closed the connection: it is resumed", 2},
		"short each time":       {cluster.Fault{Kind: cluster.FaultTruncated, On: onInstaller, After: 3 << 20}, []cluster.EnvironmentOption{cluster.WithFiller(40 << 20)}, "it is resumed", 14},
		"short":                 {once(cluster.FaultTruncated, onInstaller...), nil, "it is resumed", 2},
		"stall":                 {once(cluster.FaultStall, onInstaller...), nil, "nothing came for 30s: it is resumed", 2},
		"cut without parts":     {once(cluster.FaultCut, onInstaller...), []cluster.EnvironmentOption{cluster.WithoutRanges()}, "it is begun again", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t, tt.options...)
			// What the build will ask for.
			in, err := env.Installer(cluster.Spec{Version: cluster.DefaultTarget, Bitness: "64", SkipMetadata: true})
			require.NoError(t, err)
			env.SetFault(tt.fault)
			r := build(t, request{
				dockerfile: smallApp, secrets: withSecrets(env),
				args: withOptions("version=" + cluster.DefaultTarget + ";checksum=sha256:" + in.SHA256),
			})
			figure("fault that passes, %s: %.1f s", name, r.took.Seconds())
			require.Contains(t, r.output, tt.says)
			require.Equal(t, tt.asked, installers(env))
			requireNoSecrets(t, r.output, env)
		})
	}
}

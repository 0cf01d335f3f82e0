package integration

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/cluster"
	"github.com/org/dt-frontend/integration/front"
	"github.com/stretchr/testify/require"
)

// buildFault is a way in which a cluster, the way to it, or its installer fails
// a build.
type buildFault struct {
	name string
	// on switches it on, or leads the build to it.
	on func(t *testing.T, f *faulty)
	// says is a part of the line that the user sees. Empty is a fault that the
	// build gets over.
	says string
	// with makes the environment.
	with []cluster.EnvironmentOption
}

// faulty is what a fault is switched on for.
type faulty struct {
	cluster *cluster.Server
	env     *cluster.Environment
	secrets map[string]string
	options string
}

// answering makes requests fail, by default those to every endpoint.
func answering(kind cluster.FaultKind, on ...cluster.Endpoint) func(*testing.T, *faulty) {
	return fault(cluster.Fault{Kind: kind, On: on})
}

func fault(f cluster.Fault) func(*testing.T, *faulty) {
	return func(_ *testing.T, to *faulty) { to.env.SetFault(f) }
}

// at leads to another address than the cluster's.
func at(address func(t *testing.T, f *faulty) string) func(*testing.T, *faulty) {
	return func(t *testing.T, f *faulty) { f.secrets["DT_API_URL"] = address(t, f) + "/e/" + f.env.ID() + "/api" }
}

// nobody is a port that somebody has just left.
func nobody(t *testing.T, _ *faulty) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return "http://" + l.Addr().String()
}

func unknownHost(_ *testing.T, f *faulty) string { return "https://" + f.env.ID() + ".invalid" }

// hole drops what is sent to it.
func hole(t *testing.T, _ *faulty) string {
	address, err := front.BlackHole(t, 0)
	require.NoError(t, err)
	return "https://" + address
}

// noTLS is the cluster's own address, which speaks plain HTTP.
func noTLS(t *testing.T, f *faulty) string { return "https://" + apiHost(t, f.env) }

// certified is the cluster behind TLS, by a certificate for host.
func certified(trusted bool, host string, options ...front.Option) func(*testing.T, *faulty) string {
	return func(t *testing.T, f *faulty) string {
		authority := front.NewAuthority(t)
		if trusted {
			f.secrets["DT_CA_CERT"] = authority.PEM
		}
		return "https://" + front.Serve(t, authority, host, "127.0.0.1:0", f.cluster, options...)
	}
}

// secret gives the build another value than the environment's.
func secret(id string, value func(env *cluster.Environment) string) func(*testing.T, *faulty) {
	return func(_ *testing.T, f *faulty) { f.secrets[id] = value(f.env) }
}

// buildFaults follow the way of a build: to the cluster, its answers, the
// download, the installer.
var buildFaults = []buildFault{
	{name: "connection refused", on: at(nobody), says: "refused the connection"},
	{name: "no such host", on: at(unknownHost), says: "cannot find host"},
	{name: "black hole", on: at(hole), says: "did not answer in time"},
	{name: "no answer", on: answering(cluster.FaultSilent), says: "did not answer in time"},
	{name: "no TLS", on: at(noTLS), says: "does not speak TLS: check DT_API_URL"},
	{name: "certificate of an unknown authority", on: at(certified(false, "127.0.0.1")), says: "pass that authority's certificate (PEM) as DT_CA_CERT"},
	{name: "certificate that has expired", on: at(certified(true, "127.0.0.1", front.Expired())), says: "has a certificate that is not valid now (it is from "},
	{name: "certificate for another name", on: at(certified(true, "elsewhere.test")), says: "certificate for other names: check DT_API_URL"},

	{name: "400 with constraint violations", on: answering(cluster.FaultBadRequest), says: "bitness: must not be 64; arch: must not be empty"},
	{name: "401", on: answering(cluster.FaultUnauthorized), says: "check DT_API_TOKEN"},
	{name: "403", on: secret("DT_API_TOKEN", func(e *cluster.Environment) string { return e.AddToken() }), says: "the token lacks the scope InstallerDownload"},
	{name: "404 for the version", on: func(_ *testing.T, f *faulty) { f.options = "version=1.1.1.20200101-000000" }, says: "the nearest are "},
	{name: "404 for the environment", on: secret("DT_API_URL", func(e *cluster.Environment) string { return strings.Replace(e.APIURL(), e.ID(), "zzz99999", 1) }), says: "check DT_API_URL and DT_TENANT"},
	{name: "429 for 5 seconds", on: fault(cluster.Fault{Kind: cluster.FaultRateLimit, Times: 1, Reset: 5 * time.Second})},
	{name: "429 for an hour", on: fault(cluster.Fault{Kind: cluster.FaultRateLimit, Reset: time.Hour}), says: "the cluster limits requests (429)"},
	{name: "500", on: answering(cluster.FaultInternal), says: "the cluster failed (500)"},
	{name: "502", on: answering(cluster.FaultBadGateway), says: "(502); try again later"},
	{name: "503", on: answering(cluster.FaultUnavailable), says: "the cluster failed (503)"},
	{name: "503 once", on: fault(cluster.Fault{Kind: cluster.FaultUnavailable, Times: 1})},
	{name: "200 with a login page", on: answering(cluster.FaultHTML), says: "a web page: check DT_API_URL"},

	{name: "the installer is a login page", on: answering(cluster.FaultHTML, cluster.EndpointInstaller), says: "with a web page (Content-Type text/html): check that DT_API_URL"},
	{name: "404 for the installer", on: answering(cluster.FaultNotFound, cluster.EndpointInstaller), says: "the cluster does not know what was asked for (404)"},
	{name: "304 without a cached copy", on: answering(cluster.FaultNotModified, cluster.EndpointInstaller), says: "304"},
	{name: "the connection is cut once", on: fault(cluster.Fault{Kind: cluster.FaultCut, On: []cluster.Endpoint{cluster.EndpointInstaller}, Times: 1})},
	{name: "the connection is cut once and there are no ranges", on: fault(cluster.Fault{Kind: cluster.FaultCut, On: []cluster.Endpoint{cluster.EndpointInstaller}, Times: 1}),
		with: []cluster.EnvironmentOption{cluster.WithoutRanges()}},
	{name: "the connection is cut each time", on: answering(cluster.FaultCut, cluster.EndpointInstaller), says: "broke off",
		with: []cluster.EnvironmentOption{cluster.WithoutRanges()}},
	{name: "body shorter than its Content-Length", on: answering(cluster.FaultTruncated, cluster.EndpointInstaller), says: "broke off",
		with: []cluster.EnvironmentOption{cluster.WithoutRanges()}},
	{name: "body longer than its Content-Length", on: answering(cluster.FaultLong, cluster.EndpointInstaller), says: "installer"},
	{name: "gzip content encoding", on: answering(cluster.FaultGzip)},
	{name: "unknown content encoding", on: answering(cluster.FaultEncoding), says: "encod"},
	{name: "the body stalls", on: answering(cluster.FaultStall, cluster.EndpointInstaller), says: "nothing came for 30s",
		with: []cluster.EnvironmentOption{cluster.WithoutRanges()}},

	{name: "the installer exits 1", on: answering(cluster.FaultScriptFails), says: "the installer failed (exit status 7)"},
	{name: "the installer exits 0 without files", on: answering(cluster.FaultNoFiles), says: "installer"},
	{name: "the installer prints nothing", on: answering(cluster.FaultSilentFails), says: "and printed nothing"},
	{name: "the installer hangs", on: answering(cluster.FaultHangs), says: "installer"},
	{name: "the installer forks a background process", on: answering(cluster.FaultBackground)},
	{name: "the installer fills the disk", on: answering(cluster.FaultFillsDisk), says: "installer"},
	{name: "the installer writes outside its prefix", on: answering(cluster.FaultOutside)},
	{name: "the installer wants bash", on: answering(cluster.FaultBashChecked), says: "installer=paas"},
	{name: "the installer is in bash's syntax", on: answering(cluster.FaultBashSyntax), says: "installer=paas"},
	{name: "the installer wants root", on: answering(cluster.FaultWantsRoot), says: "installer"},
	{name: "no manifest.json", on: answering(cluster.FaultNoManifest), says: "the installer left no manifest.json"},
	{name: "a damaged file", on: answering(cluster.FaultBadChecksum), says: "is not what its manifest.json says"},
	{name: "an agent for another machine", on: answering(cluster.FaultWrongArch), says: "this is an agent for EM_AARCH64"},
}

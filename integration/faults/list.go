package faults

import (
	"slices"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/integration/standin/front"
)

// buildFaults follow the way of a build: to the cluster, its answers, the
// download, the installer.
var buildFaults = slices.Concat(faultsOfTheWay, faultsOfAnswers, faultsOfDownloads, faultsOfInstallers)

const notInTime = "<host of DT_API_URL> did not answer in time: check DT_API_URL"

var faultsOfTheWay = []buildFault{
	{name: "connection refused", on: at(nobody), says: said("<host of DT_API_URL> refused the connection: check DT_API_URL")},
	{name: "no such host", on: at(unknownHost), says: said("cannot find host <DT_TENANT>.invalid: check DT_API_URL and DT_TENANT")},
	{name: "black hole", on: at(hole), says: said(notInTime)},
	{name: "no answer", on: answering(cluster.FaultSilent), says: said(notInTime)},
	{name: "no TLS", on: at(noTLS), says: said("does not speak TLS: check DT_API_URL")},
	{name: "certificate of an unknown authority", on: at(certified(false, "127.0.0.1")), says: said("has a certificate of an unknown authority: pass that authority's certificate (PEM) as DT_CA_CERT")},
	{name: "certificate that has expired", on: at(certified(true, "127.0.0.1", front.Expired())), says: said("has a certificate that is not valid now (it is from ")},
	{name: "certificate that is not valid yet", on: at(certified(true, "127.0.0.1", front.NotYetValid())), says: said("has a certificate that is not valid now (it is from ")},
	{name: "certificate for another name", on: at(certified(true, "elsewhere.test")), says: said("has a certificate for other names: check DT_API_URL, or renew the certificate with this name")},
}

var faultsOfAnswers = []buildFault{
	{name: "400 with constraint violations", on: answering(cluster.FaultBadRequest), says: said("the cluster rejected the request (400): Constraints violated; bitness: must not be 64; arch: must not be empty; check the options that it names")},
	{name: "401", on: secret("DT_API_TOKEN", wrongToken), says: said("the cluster refused the token (401): Token Authentication failed; check DT_API_TOKEN")},
	{name: "403", on: secret("DT_API_TOKEN", tokenWithoutScope), says: said("the access token (dt0c01) lacks the scope InstallerDownload (403): ")},
	{name: "404 for the version", on: func(_ *testing.T, f *faulty) { f.options = "version=1.1.1.20200101-000000" }, says: said("the environment has no version 1.1.1.20200101-000000 of OneAgent (default, x86); the nearest are 1.")},
	{name: "404 for the environment", on: secret("DT_API_URL", otherEnvironment), says: said("the cluster does not know what was asked for (404): Not found; check DT_API_URL and DT_TENANT")},
	{name: "429 for 12 seconds", on: once(cluster.FaultRateLimit, 12*time.Second, cluster.EndpointConnectionInfo), passes: true, says: said("the cluster limits requests: waiting 12 s")},
	{name: "429 for an hour", on: fault(cluster.Fault{Kind: cluster.FaultRateLimit, Reset: time.Hour}), says: said("the cluster limits requests (429): Too many requests; it takes requests again in ")},
	{name: "500", on: answering(cluster.FaultInternal), says: said("the cluster failed (500): Internal server error; try again later")},
	{name: "502", on: answering(cluster.FaultBadGateway), says: said("a gateway in front of the cluster got no answer from it (502); try again later")},
	{name: "503", on: answering(cluster.FaultUnavailable), says: said("the cluster failed (503): Service unavailable; try again later")},
	{name: "503 with Retry-After of 12 seconds", on: once(cluster.FaultUnavailable, 12*time.Second, cluster.EndpointConnectionInfo), passes: true, says: said("the cluster limits requests: waiting 12 s")},
	{name: "502 once", on: once(cluster.FaultBadGateway, 0), passes: true},
	{name: "504", on: answering(cluster.FaultGatewayTimeout), says: said("a gateway in front of the cluster got no answer from it (504); try again later")},
	{name: "200 with a login page", on: answering(cluster.FaultHTML), says: said("is a web page: check DT_API_URL")},
	{name: "304 that nobody asked for", on: answering(cluster.FaultNotModified), says: said("a cache on the way to the cluster answered that nothing has changed")},
	{name: "gzip content encoding", on: answering(cluster.FaultGzip), passes: true, asked: 1},
	{name: "unknown content encoding", on: answering(cluster.FaultEncoding), says: said("is encoded (x-unheard-of), which nobody asked for")},
	{name: "answer cut in the middle", on: answering(cluster.FaultCut), says: said("broke off the connection: try again")},
	{name: "answer longer than its Content-Length", on: answering(cluster.FaultLong), says: said("is no JSON of the expected form")},
	{name: "answer that stalls", on: answering(cluster.FaultStall), says: said(notInTime)},
}

var faultsOfDownloads = []buildFault{
	{name: "404 for the installer", on: onDownload(cluster.FaultNotFound), says: said("downloading OneAgent " + cluster.DefaultTarget + " (default, x86, all): the cluster does not know what was asked for (404)")},
	{name: "304 for the installer", on: onDownload(cluster.FaultNotModified), says: said("a cache on the way to the cluster answered that nothing has changed")},
	{name: "login page for the installer", on: onDownload(cluster.FaultHTML), says: said("the cluster answered the request for an installer with a web page (Content-Type text/html): check that DT_API_URL")},
	{name: "installer in an unknown encoding", on: onDownload(cluster.FaultEncoding), says: said("is encoded (x-unheard-of), which nobody asked for")},
	{name: "no answer for the installer", on: onDownload(cluster.FaultSilent), says: said(notInTime)},
	{name: "429 for 12 seconds for the installer", on: once(cluster.FaultRateLimit, 12*time.Second, cluster.EndpointInstaller), passes: true, asked: 2, says: said("the cluster limits requests: waiting 12 s")},
	{name: "504 once for the installer", on: once(cluster.FaultGatewayTimeout, 0, cluster.EndpointInstaller), passes: true, asked: 2},
	{name: "installer cut once", on: once(cluster.FaultCut, 0, cluster.EndpointInstaller), passes: true, asked: 2, says: said("the cluster closed the connection: it is resumed")},
	{name: "installer cut once and no ranges", on: once(cluster.FaultCut, 0, cluster.EndpointInstaller), passes: true, asked: 2, says: said("it is begun again"), with: withoutRanges},
	{name: "installer cut each 3 MB of 40", on: fault(cluster.Fault{Kind: cluster.FaultTruncated, On: []cluster.Endpoint{cluster.EndpointInstaller}, After: 3 << 20}), passes: true, asked: 14, says: said("it is resumed"),
		with: []cluster.EnvironmentOption{cluster.WithFiller(40 << 20)}},
	{name: "installer short once", on: once(cluster.FaultTruncated, 0, cluster.EndpointInstaller), passes: true, asked: 2, says: said("it is resumed")},
	{name: "installer cut each time and no ranges", on: onDownload(cluster.FaultCut), with: withoutRanges, says: said("broke off after ", "the cluster closed the connection (3 tries); try again later")},
	{name: "installer shorter than its Content-Length", on: onDownload(cluster.FaultTruncated), with: withoutRanges, says: said("broke off after ", "the cluster closed the connection (3 tries); try again later")},
	{name: "installer longer than its Content-Length", on: onDownload(cluster.FaultLong), says: said("the installer failed (exit status ", "; its last line: ", "; it may not have come whole: build again, or look for a proxy that changes answers")},
	{name: "installer that stalls once", on: once(cluster.FaultStall, 0, cluster.EndpointInstaller), passes: true, asked: 2, says: said("nothing came for 30s: it is resumed")},
	{name: "installer that stalls", on: onDownload(cluster.FaultStall), says: said("nothing came for 30s (3 tries); try again later")},
}

// withoutRanges is for servers that send wholes alone.
var withoutRanges = []cluster.EnvironmentOption{cluster.WithoutRanges()}

const (
	usePaas  = ": set installer=paas, which unpacks the zip archive and runs nothing"
	lackBash = "bash, which build steps do not have" + usePaas
)

var faultsOfInstallers = []buildFault{
	{name: "installer exits 7", on: answering(cluster.FaultScriptFails), says: said("the installer failed (exit status 7); its last line: \"Not enough disk space in /opt\"")},
	{name: "installer exits 0 without files", on: answering(cluster.FaultNoFiles), says: said("the installer said that all went well (exit status 0), but installed nothing; its last line: \"Unpacking complete.\"")},
	{name: "installer exits 0 without a folder", on: answering(cluster.FaultNoFolder), says: said("the installer said that all went well (exit status 0), but installed nothing; its last line: \"Unpacking complete.\"")},
	{name: "installer prints nothing", on: answering(cluster.FaultSilentFails), says: said("the installer failed (exit status 3) and printed nothing")},
	{name: "installer hangs", on: answering(cluster.FaultHangs), says: said("the installer hung: it gave no sign of life for 1m0s and printed nothing")},
	{name: "installer forks a background process", on: answering(cluster.FaultBackground), passes: true, ofScript: true},
	{name: "installer fills the disk", on: answering(cluster.FaultFillsDisk), says: said("the installer left more than 4294967296 bytes; no agent is that large")},
	{name: "installer writes outside its prefix", on: answering(cluster.FaultOutside), passes: true, ofScript: true},
	{name: "installer checks for bash", on: answering(cluster.FaultBashChecked), says: said("must be run with bash", "it wants "+lackBash)},
	{name: "installer in bash's syntax", on: answering(cluster.FaultBashSyntax), says: said("syntax error", "it is written for "+lackBash)},
	{name: "installer in bash's syntax by env", on: answering(cluster.FaultBashByEnv), says: said("syntax error", "it is written for "+lackBash)},
	{name: "installer in bash's syntax without saying so", on: answering(cluster.FaultBashUnnamed), says: said("syntax error", "the shell of build steps does not know all that it uses"+usePaas)},
	{name: "installer calls bash", on: answering(cluster.FaultBashCalled), says: said("bash: not found", "it wants "+lackBash)},
	{name: "installer becomes bash", on: answering(cluster.FaultBashBecome), says: said("bash: not found", "it wants "+lackBash)},
	{name: "installer wants root", on: answering(cluster.FaultWantsRoot), says: said("must be run as root", "it may want to be root, and runs as nobody"+usePaas)},
	{name: "installer leaves no manifest.json", on: answering(cluster.FaultNoManifest), says: said("the installer left no manifest.json")},
	{name: "installer leaves a damaged file", on: answering(cluster.FaultBadChecksum), says: said("is not what its manifest.json says")},
	{name: "installer leaves an agent for another machine", on: answering(cluster.FaultWrongArch), says: said("this is an agent for EM_AARCH64")},
}

func said(parts ...string) []string { return parts }

package faults

import (
	"strings"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/harness/tenant"
	"github.com/org/dt-frontend/integration/standin/cluster"
	"github.com/org/dt-frontend/integration/standin/front"
	"github.com/stretchr/testify/require"
)

// buildFault is a way in which a cluster, the way to it, or its installer fails
// a build.
type buildFault struct {
	name string
	// on switches it on, or leads the build to it.
	on func(t *testing.T, f *faulty)
	// says are parts of the line that the user sees.
	says []string
	// passes tells a fault that the build gets over; says are then parts of the
	// build's log.
	passes bool
	// ofScript tells that the installer is another one than it should be.
	ofScript bool
	// asked is how often the installer is, where that matters.
	asked int
	// with makes the environment.
	with []cluster.EnvironmentOption
}

// faulty is what a fault is switched on for.
type faulty struct {
	builder []string
	cluster *cluster.Server
	env     *cluster.Environment
	secrets map[string]string
	options string
}

// answering makes all requests fail; those to installers alone where the fault
// is an installer's.
func answering(kind cluster.FaultKind) func(*testing.T, *faulty) {
	return fault(cluster.Fault{Kind: kind})
}

// onDownload makes the download alone fail.
func onDownload(kind cluster.FaultKind) func(*testing.T, *faulty) {
	return fault(cluster.Fault{Kind: kind, On: []cluster.Endpoint{cluster.EndpointInstaller}})
}

// once makes one request fail, by default the first; one that limits requests
// does so for a while.
func once(kind cluster.FaultKind, reset time.Duration, on ...cluster.Endpoint) func(*testing.T, *faulty) {
	return fault(cluster.Fault{Kind: kind, On: on, Times: 1, Reset: reset})
}

func fault(f cluster.Fault) func(*testing.T, *faulty) {
	return func(_ *testing.T, to *faulty) { to.env.SetFault(f) }
}

// at leads to another address than the cluster's.
func at(address func(t *testing.T, f *faulty) string) func(*testing.T, *faulty) {
	return func(t *testing.T, f *faulty) { f.secrets["DT_API_URL"] = address(t, f) + "/e/" + f.env.ID() + "/api" }
}

// nobody is a port of no service, which clients are not given.
func nobody(*testing.T, *faulty) string { return "http://127.0.0.1:1" }

func unknownHost(_ *testing.T, f *faulty) string { return "https://" + f.env.ID() + ".invalid" }

// hole drops what is sent to it.
func hole(t *testing.T, _ *faulty) string {
	address, err := front.BlackHole(t, 0)
	require.NoError(t, err)
	return "https://" + address
}

// noTLS is the cluster's own address, which speaks plain HTTP.
func noTLS(t *testing.T, f *faulty) string { return "https://" + tenant.Host(t, f.env) }

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

// wrongToken is one letter off.
func wrongToken(env *cluster.Environment) string {
	return env.APIToken()[:len(env.APIToken())-1] + "!"
}

func tokenWithoutScope(env *cluster.Environment) string { return env.AddToken() }

func otherEnvironment(env *cluster.Environment) string {
	return strings.Replace(env.APIURL(), env.ID(), "zzz99999", 1)
}

package start

import (
	"errors"
	"testing"

	"github.com/org/dt-frontend/internal/agent"
)

// doctorCase is a container, and what is found in it.
type doctorCase struct {
	name    string
	fixture func(*testing.T) *runtimeFixture
	change  func(*runtimeFixture)
	missing []string // empty: monitored
	notes   []string
	libc    string
	// asked says that the start itself does not ask for what is missing.
	asked bool
}

func (c *doctorCase) make(t *testing.T) *runtimeFixture {
	t.Helper()
	if c.fixture == nil {
		c.fixture = newBuildFixture
	}
	f := c.fixture(t)
	if c.change != nil {
		c.change(f)
	}
	return f
}

func doctorCases() []doctorCase {
	down := errors.New("cluster down")
	return []doctorCase{
		{name: "nothing given", missing: []string{"no communication details"}},
		{name: "no app", asked: true, change: func(f *runtimeFixture) { f.api().args = nil }, libc: "glibc"},
		{name: "no such app", change: func(f *runtimeFixture) { f.api().args = []string{"none"} }, missing: []string{`cannot start "none"`}},
		{name: "static app", change: func(f *runtimeFixture) { f.api().args = []string{"static"} }, libc: "none, /bin/static is static; the root file system has glibc"},
		{name: "musl app", change: func(f *runtimeFixture) { f.api().args = []string{"musl"} }, missing: []string{"is linked against"}, libc: "musl (" + muslLoader + ")"},
		{name: "no settings", change: func(f *runtimeFixture) { delete(f.api().files.MapFS, agent.SettingsPath[1:]) }, missing: []string{"reading " + agent.SettingsPath}},
		{name: "no agent", change: func(f *runtimeFixture) { delete(f.api().files.MapFS, library[1:]) }, missing: []string{"is not in the image"}},
		{name: "switched off", change: func(f *runtimeFixture) { f.api().set("DT_AGENTACTIVE=false") }, missing: []string{"DT_AGENTACTIVE=false"}},
		{name: "injected", change: func(f *runtimeFixture) { f.other("/x/liboneagentproc.so").set("LD_PRELOAD=/x/liboneagentproc.so") }, notes: []string{"nothing is added"}},
		{name: "cluster down", change: func(f *runtimeFixture) { f.api().cluster.err = down }, missing: []string{"asking for connection info with the API variables: cluster down"}},
		{name: "several at once", change: func(f *runtimeFixture) {
			f.api().cluster.err = down
			f.args = []string{"musl"}
		}, missing: []string{"is linked against", "cluster down"}},
		{name: "not listed", change: func(f *runtimeFixture) { f.api().cluster.versions = []string{"1.1.1.20200101-000000"} }},
		{name: "versions unknown", change: func(f *runtimeFixture) { f.api().cluster.versionsErr = down }, notes: []string{"unknown: cluster down"}},
		{name: "details given", change: func(f *runtimeFixture) { f.agentVariables() }},
		{name: "details given, no answer", asked: true, change: func(f *runtimeFixture) { f.agentVariables(); f.cluster.probeErr = down }, missing: []string{"no communication endpoint answers: cluster down"}},
		{name: "details given, and an odd address", change: func(f *runtimeFixture) { f.agentVariables().set("DT_API_URL=nonsense", "DT_API_TOKEN=apitoken") }, notes: []string{"the environment is not asked: the API variables: DT_API_URL"}},
		{name: "details given, and no certificates", change: func(f *runtimeFixture) { f.agentVariables().set("DT_CA_CERT=/none") }, notes: []string{"the communication endpoints are not asked: reading the file that DT_CA_CERT names"}},
		{name: "odd address", change: func(f *runtimeFixture) { f.set("DT_API_URL=nonsense", "DT_API_TOKEN=apitoken", "DT_TENANT=abc12345") }, missing: []string{"DT_API_URL"}},
		{name: "runtime, details given, and an odd address", fixture: runtimeOf(""), change: func(f *runtimeFixture) {
			f.installer.inPlace = placed(version)
			f.agentVariables().set("DT_API_URL=nonsense", "DT_API_TOKEN=apitoken")
		}, missing: []string{"DT_API_URL"}},
		{name: "odd option", change: func(f *runtimeFixture) { f.api().set("DT_START_TIMEOUT=x") }, notes: []string{"DT_START_TIMEOUT is ignored"}},

		{name: "runtime", fixture: runtimeOf(""), change: func(f *runtimeFixture) { f.api().cluster.versions = []string{version} }},
		{name: "runtime, in place", fixture: runtimeOf(""), change: func(f *runtimeFixture) { f.api().installer.inPlace = placed(version) }},
		{name: "runtime, another in place", fixture: runtimeOf(""), change: func(f *runtimeFixture) {
			f.api().installer.inPlace = placed("1.1.1.20200101-000000")
			f.cluster.versions = []string{version}
		}, notes: []string{"is in place and would be replaced"}},
		{name: "runtime, another in place and none offered", fixture: runtimeOf(""), change: func(f *runtimeFixture) {
			f.api().installer.inPlace = placed("1.1.1.20200101-000000")
		}, notes: []string{"OneAgent 1.1.1.20200101-000000, which is in place, is used: the environment does not offer OneAgent " + version}},
		{name: "runtime, not offered", asked: true, fixture: runtimeOf(`,"version":"` + version + `"`), change: func(f *runtimeFixture) { f.api() }, missing: []string{"does not offer OneAgent " + version}},
		{name: "runtime, no folder", asked: true, fixture: runtimeOf(""), change: func(f *runtimeFixture) {
			f.api().cluster.versions = []string{version}
			f.installer.err = errors.New("no folder")
		}, missing: []string{"no folder"}},
		{name: "runtime, no version", fixture: runtimeOf(""), change: func(f *runtimeFixture) {
			f.api().cluster.latest, f.cluster.latestErr = "", down
		}, missing: []string{"asking for the version of OneAgent (default, x86): cluster down"}, notes: []string{"target version is unknown: cluster down"}},
		{name: "runtime, details alone", fixture: runtimeOf(""), change: func(f *runtimeFixture) { f.agentVariables() }, missing: []string{"nothing to download it with"}},
	}
}

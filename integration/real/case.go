package real

import (
	"testing"

	"github.com/org/dt-frontend/integration/harness/oneagent"
)

// testCase is one thing that is done with an agent.
type testCase struct {
	name string
	run  func(*testing.T, *subject)
	// first says that others wait for it.
	first bool
	// newest says that it is done with the newest agent only.
	newest bool
	// missing says what an agent lacks for it, if it lacks anything.
	missing func(*oneagent.Agent) string
}

// buildCase is what all others need.
const buildCase = "build"

// cases are the table's rows.
var cases = []testCase{
	{name: buildCase, run: testBuild, first: true},
	{name: "no link left in image and cache", run: testNothingLeft},
	{name: "dt-verify", run: testVerify},
	{name: "installer=paas: the same layer", run: testZip},
	{name: "fips=on", run: testFIPS, missing: missingFIPS},
	{name: "dt-start doctor", run: testDoctor},
	{name: "run as root", run: testRoot},
	{name: "run as USER 1234", run: testUser},
	{name: "read-only root with /tmp", run: testReadOnly},
	{name: "read-only root without /tmp", run: testNoTmp, missing: missingTmp},
	{name: "API details at the start", run: testAPIDetails},
	{name: "control: wrong tenant token", run: testWrongToken},
	{name: "control: DT_AGENTACTIVE=false", run: testInactive, newest: true},
	{name: "groups of endpoints", run: testGroups, missing: missingGroups},
	{name: "DT_AGENT_CA: right and wrong", run: testAgentCA},
	{name: "links in the installer", run: testLinks},
	{name: "directory as source", run: testDirectory, newest: true},
	{name: "agent image by digest", run: testAgentImage, newest: true},
	{name: "config=merge", run: testConfig, newest: true},
	{name: "mode=runtime", run: testRuntime},
	{name: "mode=runtime as USER 1234", run: testRuntimeUser, newest: true},
	{name: "mode=runtime with DT_AGENT_CA", run: testRuntimeCA, newest: true},
}

// missingFIPS is of agents without the flag that fips=on removes.
func missingFIPS(a *oneagent.Agent) string {
	if !a.Has("agent/dt_fips_disabled.flag") {
		return "has no FIPS mode"
	}
	return ""
}

// missingGroups is of the oldest agent: OneAgent reads groups since 1.207.
func missingGroups(a *oneagent.Agent) string {
	if a.Name == "1.161.272" {
		return "reads no groups"
	}
	return ""
}

// missingTmp is of agents that do not start without a /tmp that they can write to,
// whatever their variables say.
func missingTmp(a *oneagent.Agent) string {
	switch a.Name {
	case "1.161.272", "1.207.216", "1.221.132":
		return "needs /tmp"
	}
	return ""
}

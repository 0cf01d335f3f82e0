package links

// HostLeftovers are the files and directories that a run of an agent leaves
// outside of the agent's directory, absolute.
//
// Source: the vendor's agents 1.161 to 1.307, under strace.
var HostLeftovers = []string{
	"/tmp/ruxit",
	"/var/lib/dynatrace/oneagent/agent/config/agent.state",
	"/var/lib/dynatrace/oneagent/agent/config/container.conf",
	"/var/lib/dynatrace/oneagent/agent/config/ruxitagentproc.conf",
}

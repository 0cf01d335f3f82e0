// Package oneagent makes installers, as a cluster delivers them, of the vendor's
// own agents. The agents are those of npm packages, which hack/test real fetches;
// nothing of them is in this repository.
package oneagent

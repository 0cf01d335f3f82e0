// Package attest adds attestations about the agent and the instrumented image
// to a build's result.
package attest

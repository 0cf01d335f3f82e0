// Package cluster is a stand-in for a Dynatrace cluster: the Deployment API v1
// as it is documented, installers that really install, and the endpoint at
// which agents check in.
//
// It is for tests, and so can do what no real cluster does on demand: fail in
// any way (see [Fault]), leave links to itself at odd places of an agent's tree
// (see [WithOddPlaces]), and tell who sent whose secrets where (see [Request]).
//
// Where the documentation is silent the code says so.
package cluster

// Package archive unpacks an agent's zip, which comes over a network: nothing
// in it is written outside of the folder it is for, leads there, or is larger
// than an agent can be.
package archive

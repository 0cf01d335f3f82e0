// Package llb describes the build graph of an instrumented image: states in,
// states out.
//
// It is pure. It talks to no daemon, reads no clock and no file, so that equal
// arguments give equal definitions, and everything that BuildKit's cache, the
// build history and provenance will ever see of a build can be tested here.
package llb

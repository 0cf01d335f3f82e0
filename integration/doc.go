// Package integration holds the tests that run the product against real daemons:
// BuildKit, runc and a registry, with stand-ins for what nobody but the vendor has.
// Each package below has the tests of one subject; real has those of the vendor's
// own agents, and judges those of the vendor's own clients. What they share is in
// harness, and the stand-ins are in standin. hack/test starts the daemons, tells
// the tests where they are, and runs all of them.
package integration

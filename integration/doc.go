// Package integration tests the product against real daemons: BuildKit, runc
// and a registry, with stand-ins for what nobody but the vendor has. Its tests
// are run by hack/test, which starts the daemons and says where they are.
package integration

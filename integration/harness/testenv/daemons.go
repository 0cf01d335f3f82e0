package testenv

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// Names of the variables by which hack/test reports the daemons.
const (
	// EnvFrontend names the variable with the name of the frontend image.
	EnvFrontend = "DT_TEST_FRONTEND"
	// EnvRegistry names the variable with the registry's host and port.
	EnvRegistry = "DT_TEST_REGISTRY"
)

// missing tells how to get the daemons.
const missing = `These tests need buildkitd, a registry and the frontend image.
hack/test starts all of them, and runs all tests; DT_RUN=TestName hack/test runs some.
To keep them running for several runs of go test, as root:

	eval "$(hack/up --no-cluster)"
	hack/image --push "$DT_REGISTRY/org/dt-frontend:latest"
	export DT_TEST_REGISTRY=$DT_REGISTRY DT_TEST_FRONTEND=$DT_REGISTRY/org/dt-frontend:latest

hack/down ends them.
`

// Main runs the tests of a package that needs daemons; its TestMain calls it. If
// the daemons are missing, it prints once how to get them, and fails. Set-ups
// that tests share end with it; see [Shared].
func Main(m *testing.M) {
	flag.Parse()
	if !listing() && (os.Getenv(EnvFrontend) == "" || os.Getenv(EnvRegistry) == "") {
		fmt.Fprint(os.Stderr, missing)
		os.Exit(1)
	}
	code := m.Run()
	end()
	os.Exit(code)
}

// listing reports whether tests are only listed, as `go test -list` does.
func listing() bool {
	f := flag.Lookup("test.list")
	return f != nil && f.Value.String() != ""
}

// Frontend returns the name of the frontend image, for syntax lines.
func Frontend(t testing.TB) string {
	t.Helper()
	return variable(t, EnvFrontend)
}

// Registry returns the registry's host and port. It speaks plain HTTP, and stands
// in front of Docker Hub.
func Registry(t testing.TB) string {
	t.Helper()
	return variable(t, EnvRegistry)
}

func variable(t testing.TB, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set.\n%s", name, missing)
	}
	return value
}

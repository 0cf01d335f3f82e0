// Package sbom has an SBOM scanner by BuildKit's protocol.
package sbom

import (
	"testing"

	"github.com/org/dt-frontend/integration/harness/buildx"
	"github.com/org/dt-frontend/integration/harness/testenv"
)

// scanner lists files: enough to see what it was shown.
const scanner = `FROM busybox:1.37-musl
COPY scan /scan
ENTRYPOINT ["/bin/busybox", "sh", "/scan"]
`

const scanScript = `set -e
cd "$BUILDKIT_SCAN_SOURCE"
{
  echo '{"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://spdx.dev/Document","predicate":{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"test","dataLicense":"CC0-1.0","documentNamespace":"urn:test",'
  echo '"creationInfo":{"created":"1970-01-01T00:00:00Z","creators":["Tool: test"]},"comment":"'
  find . -type f | tr '\n' ' '
  echo '"}}'
} | tr -d '\n' > "$BUILDKIT_SCAN_DESTINATION/sbom.spdx.json"
`

// PushScanner builds the scanner, and returns its name in the registry.
func PushScanner(t testing.TB) string {
	t.Helper()
	ref := testenv.Registry(t) + "/scanner:latest"
	buildx.Build(t, buildx.Request{Dockerfile: scanner, Files: map[string]string{"scan": scanScript}, Output: "type=image,name=" + ref + ",push=true"})
	return ref
}

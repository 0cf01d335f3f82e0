package depcheck

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	module = "github.com/org/dt-frontend/"
	// names is a package of names and of what they stand for. It imports nothing,
	// so every package may import it.
	names = module + "internal/agent/variable"
)

// deps returns every package that pkg depends on, itself excluded.
func deps(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", module+pkg).Output()
	require.NoError(t, err)
	list := strings.Fields(string(out))
	require.Contains(t, list, module+pkg)
	return list[:len(list)-1]
}

func TestArrowsRunOneWay(t *testing.T) {
	// For each package, prefixes of what it must not depend on, and why.
	tests := map[string][]string{
		// It is pure: no gateway, no network, no daemon.
		"llb": {
			"github.com/moby/buildkit/frontend/",
			"github.com/moby/buildkit/client/ociindex",
			"github.com/moby/buildkit/session/secrets",
			module + "frontend", module + "cmd/",
		},
		"frontend/option": {"github.com/moby/buildkit/client/", "github.com/moby/buildkit/frontend/"},
		"frontend":        {module + "cmd/", module + "internal/install/supply", module + "internal/untrusted/installer", module + "internal/start"},
		// Stages of a build, which the package frontend puts together. What one of
		// them has to know of another it is given.
		"frontend/attach":   {module + "frontend/check", module + "frontend/delivery", module + "frontend/fit"},
		"frontend/check":    {module + "frontend/attach", module + "frontend/delivery", module + "frontend/fit"},
		"frontend/delivery": {module + "frontend/app", module + "frontend/attach", module + "frontend/check", module + "frontend/fit"},
		"frontend/fit":      {module + "frontend/attach", module + "frontend/check", module + "frontend/delivery"},
		"internal/agent":    {module},
		"internal/deploy":   {module + "frontend", module + "llb", module + "internal/install/tree"},
		"internal/scan":     {module},
		// Programs that run in builds use it.
		"internal/scan/search":       {module + "internal/untrusted/format", module + "frontend", module + "llb", module + "internal/agent", "net/http"},
		"internal/agent/address":     {module},
		"internal/install/signature": {module},
		"internal/install/tree":      {module + "frontend", module + "llb", module + "internal/deploy"},
		"internal/untrusted/foreign": {module},
		"internal/untrusted/zipdir":  {module},
		// Programs that run in builds use it; formats of libraries are apart from it.
		"internal/untrusted/member":  {module + "internal/untrusted/format", module + "frontend", module + "llb"},
		"internal/untrusted/uname":   {module},
		"internal/untrusted/elfhead": {module},
		"internal/scan/value":        {module},
		"internal/version":           {module},
		// It runs foreign code, and knows nothing that this could be after.
		"internal/untrusted/installer": {
			"net/http", module + "frontend", module + "llb", module + "cmd/", module + "internal/agent", module + "internal/deploy",
			module + "internal/install/supply", module + "internal/scan", module + "internal/install/seal", module + "internal/install/secret",
		},
		// They say what may be in an image, and ask nobody.
		"internal/deploy/authority":   {"net/http", module + "frontend", module + "llb", module + "internal/agent"},
		"internal/agent/moduleconfig": {"net/http", module + "frontend", module + "llb", module + "internal/install/tree"},
		// The build and the start share it, which differ in what they do with
		// secrets and trees.
		"internal/deploy/download": {module + "frontend", module + "llb", module + "internal/install/supply", module + "internal/install/secret", module + "internal/install/tree"},

		"internal/agent/links":   {module + "frontend", module + "llb", module + "internal/install/tree"},
		"internal/verify/image":  {module, "github.com/moby/buildkit/"},
		"internal/verify":        {module + "frontend", module + "llb", module + "internal/verify/report", "github.com/moby/buildkit/"},
		"internal/verify/report": {module + "frontend", module + "llb", "github.com/moby/buildkit/"},
	}
	for pkg, forbidden := range tests {
		t.Run(pkg, func(t *testing.T) {
			for _, dep := range deps(t, pkg) {
				if dep == names {
					continue
				}
				for _, prefix := range forbidden {
					require.False(t, strings.HasPrefix(dep, prefix), "%s must not depend on %s", pkg, dep)
				}
			}
		})
	}
}

func TestNamesImportNothing(t *testing.T) {
	require.Empty(t, deps(t, strings.TrimPrefix(names, module)))
}

// Each program has a directory of packages below internal, which no other
// program and no common package imports.
func TestProgramsAreApart(t *testing.T) {
	programs := []string{"internal/install", "internal/start", "internal/verify"}
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", module+"internal/...", module+"llb/...", module+"frontend/...").Output()
	require.NoError(t, err)
	var within int
	for line := range strings.Lines(string(out)) {
		pkg, imports, _ := strings.Cut(strings.TrimSpace(line), " ")
		for _, program := range programs {
			if in(pkg, program) {
				within++
				continue
			}
			for imported := range strings.FieldsSeq(imports) {
				require.False(t, in(imported, program), "%s must not import %s", pkg, imported)
			}
		}
	}
	require.Greater(t, within, len(programs))
}

// in reports whether a package is in a directory of the module.
func in(pkg, dir string) bool {
	rest, ok := strings.CutPrefix(pkg, module+dir)
	return ok && (rest == "" || rest[0] == '/')
}

// What goes into images, or runs in every build, links the standard library and
// next to nothing else.
func TestSmallProgramsStaySmall(t *testing.T) {
	allowed := []string{
		module,
		"golang.org/x/sys/",
		"github.com/cenkalti/backoff/",
	}
	more := map[string][]string{
		// It verifies the vendor's signatures. Their format is no business of ours,
		// and the library needs the standard library alone.
		// It seals what stays in a builder's storage, in a format that auditors know:
		// age, what age encrypts with, and what its package names for recipients that
		// we do not use (most of that the linker leaves out).
		"cmd/dt-install": {"github.com/smallstep/pkcs7", "filippo.io/age", "golang.org/x/crypto/", "filippo.io/hpke"},
		"cmd/dt-start":   nil,
	}
	for pkg, own := range more {
		t.Run(pkg, func(t *testing.T) {
			for _, dep := range deps(t, pkg) {
				first, _, _ := strings.Cut(dep, "/")
				if !strings.Contains(first, ".") {
					continue // the standard library
				}
				ok := false
				for _, prefix := range slices.Concat(own, allowed) {
					ok = ok || strings.HasPrefix(dep, prefix)
				}
				require.True(t, ok, "%s must not link %s", pkg, dep)
			}
		})
	}
}

// The product must not know that it is being tested.
func TestTheProductKnowsNoStandIns(t *testing.T) {
	for _, pkg := range []string{"cmd/dt-frontend", "cmd/dt-install", "cmd/dt-start", "cmd/dt-verify"} {
		for _, dep := range deps(t, pkg) {
			require.False(t, strings.HasPrefix(dep, module+"integration"), "%s depends on %s", pkg, dep)
			require.NotEqual(t, module+"internal/random", dep, "%s: it is for tests", pkg)
		}
	}
}

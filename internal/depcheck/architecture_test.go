package depcheck

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// update writes what the document should say into it:
//
//	go test ./internal/depcheck -run Architecture -update
var update = flag.Bool("update", false, "write the tables of docs/architecture.md")

const architecture = "../../docs/architecture.md"

// TestArchitecture_ListsEveryPackage keeps docs/architecture.md equal to what
// `go doc` says and to what the programs link.
func TestArchitecture_ListsEveryPackage(t *testing.T) {
	dt, err := os.ReadFile(architecture)
	require.NoError(t, err)
	doc := string(dt)
	want := section(t, doc, "packages", packageTable(t))
	want = section(t, want, "programs", programTable(t))
	if *update {
		require.NoError(t, os.WriteFile(architecture, []byte(want), 0o644))
		return
	}
	require.Equal(t, want, doc, "run: go test ./internal/depcheck -run Architecture -update")
}

// section replaces what stands between two comments that name it.
func section(t *testing.T, doc, name, content string) string {
	t.Helper()
	before, rest, found := strings.Cut(doc, "<!-- "+name+" -->\n")
	require.True(t, found, "the document has no section of %s", name)
	_, after, found := strings.Cut(rest, "<!-- end -->\n")
	require.True(t, found, "the section of %s has no end", name)
	return before + "<!-- " + name + " -->\n" + content + "<!-- end -->\n" + after
}

// packageTable has a line for each package, with the first sentence of its doc.
func packageTable(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}}\t{{.Doc}}", module+"...").Output()
	require.NoError(t, err)
	var b strings.Builder
	b.WriteString("| package | what it is |\n|---|---|\n")
	for line := range strings.Lines(string(out)) {
		pkg, doc, _ := strings.Cut(strings.TrimSpace(line), "\t")
		name := strings.TrimPrefix(pkg, module)
		require.NotEmpty(t, doc, "package %s has no doc", name)
		// All begin with "Package NAME", which the line says already.
		if rest, ok := strings.CutPrefix(doc, "Package "); ok {
			_, doc, _ = strings.Cut(rest, " ")
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", name, strings.TrimSuffix(doc, "."))
	}
	return b.String()
}

// programTable says which of our packages each program links.
func programTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| program | links of our packages |\n|---|---|\n")
	for _, program := range []string{"dt-frontend", "dt-install", "dt-start", "dt-verify"} {
		var own []string
		for _, dep := range deps(t, "cmd/"+program) {
			if name, ok := strings.CutPrefix(dep, module); ok {
				own = append(own, "`"+strings.TrimPrefix(name, "internal/")+"`")
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", program, strings.Join(own, ", "))
	}
	return b.String()
}

package cluster_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// Two faults of one value would be one fault, and the first that is looked for
// would be switched on for both.
func TestFaultKindsDiffer(t *testing.T) {
	names := map[string]string{} // by value
	for name, value := range faultKinds(t) {
		require.NotEmpty(t, value, name)
		require.Empty(t, names[value], "%s has the value of %s", name, names[value])
		names[value] = name
	}
}

// faultKinds returns the values of all constants of type FaultKind, by name.
func faultKinds(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "fault.go", nil, 0)
	require.NoError(t, err)
	out := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "FaultKind" {
			return true
		}
		for i, name := range spec.Names {
			literal, ok := spec.Values[i].(*ast.BasicLit)
			require.True(t, ok, name.Name)
			value, err := strconv.Unquote(literal.Value)
			require.NoError(t, err)
			out[name.Name] = value
		}
		return true
	})
	require.Greater(t, len(out), 40, "all of them were found")
	return out
}

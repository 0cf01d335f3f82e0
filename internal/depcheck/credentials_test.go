package depcheck

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Credentials are normalised where secrets are read, once for each program that
// reads some. Whoever else needs them takes deploy.Credentials, which nobody can
// make of anything else.
func TestCredentials_AreNormalizedWhereSecretsAreRead(t *testing.T) {
	const root = "../.."
	calls := map[string]int{}
	for _, dir := range []string{"cmd", "frontend", "internal", "llb"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, dir), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(root, filepath.Dir(name))
			ast.Inspect(file, func(n ast.Node) bool {
				if called(n) == "NewCredentials" {
					calls[rel]++
				}
				return true
			})
			return err
		}))
	}
	require.Equal(t, map[string]int{"internal/install/secret": 1, "internal/start": 1}, calls)
}

// called returns the name of the function that n is a use of, without its
// package, or "".
func called(n ast.Node) string {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return ""
	}
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		return f.Sel.Name
	case *ast.Ident:
		return f.Name
	}
	return ""
}

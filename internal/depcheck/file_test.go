package depcheck

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFrontend_FilesDoNotUseEachOther: a reader can take the files of the frontend
// in the order in which a build runs.
func TestFrontend_FilesDoNotUseEachOther(t *testing.T) {
	uses := fileUses(t, "../../frontend")
	require.Contains(t, uses["run.go"], "plan.go", "control: the uses are seen")
	require.Contains(t, uses["run.go"], "platform.go", "control: uses of methods are seen")
	for file := range uses {
		require.NotContains(t, reached(uses, file), file, "%s is used by what it uses itself", file)
	}
}

// fileUses returns which files of a package have what each file uses.
func fileUses(t *testing.T, dir string) map[string][]string {
	t.Helper()
	set := token.NewFileSet()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		files = append(files, f)
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	// Other packages are of no interest: what is theirs stays unknown.
	config := types.Config{Importer: noImports{}, Error: func(error) {}}
	pkg, _ := config.Check("frontend", set, files, info)
	uses := map[string][]string{}
	for ident, object := range info.Uses {
		from, to := base(set, ident.Pos()), base(set, object.Pos())
		if object.Pkg() == pkg && from != to && to != "" {
			uses[from] = append(uses[from], to)
		}
	}
	return uses
}

func base(set *token.FileSet, at token.Pos) string { return filepath.Base(set.Position(at).Filename) }

// reached returns all files that a file uses, also through others.
func reached(uses map[string][]string, file string) []string {
	var all []string
	for next := slices.Clone(uses[file]); len(next) > 0; next = next[1:] {
		if !slices.Contains(all, next[0]) {
			all = append(all, next[0])
			next = append(next, uses[next[0]]...)
		}
	}
	return all
}

type noImports struct{}

func (noImports) Import(string) (*types.Package, error) { return nil, errors.New("not needed") }

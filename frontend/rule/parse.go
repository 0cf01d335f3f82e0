package rule

import (
	"bytes"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// Parse returns a Dockerfile's stages, and the ARGs before the first. BuildKit's
// own rules are left to BuildKit.
func Parse(dockerfile []byte) ([]instructions.Stage, []instructions.ArgCommand, error) {
	ast, err := parser.Parse(bytes.NewReader(dockerfile))
	if err != nil {
		return nil, nil, err
	}
	// Not nil: a `# check=` comment above an instruction changes the linter.
	return instructions.Parse(ast.AST, linter.New(&linter.Config{}))
}

package rule

import (
	"bytes"
	"strconv"
	"strings"

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

// StageIndex returns the last stage with a name or number, or -1. Stages are
// named as for `--target`.
func StageIndex(stages []instructions.Stage, name string) int {
	for i := len(stages) - 1; i >= 0; i-- {
		if strings.EqualFold(stages[i].Name, name) {
			return i
		}
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 0 && n < len(stages) {
		return n
	}
	return -1
}

// each calls fn with each instruction of a Dockerfile but FROM.
func each(dockerfile []byte, fn func(instructions.Command)) {
	stages, metaArgs, err := Parse(dockerfile)
	if err != nil {
		return
	}
	for i := range metaArgs {
		fn(&metaArgs[i])
	}
	for _, stage := range stages {
		for _, cmd := range stage.Commands {
			if onbuild, ok := cmd.(*instructions.OnbuildCommand); ok {
				cmd = trigger(onbuild)
			}
			fn(cmd)
		}
	}
}

// trigger returns the instruction that c leaves to those who build from the
// image, with c's place, or c itself where it is none.
func trigger(c *instructions.OnbuildCommand) instructions.Command {
	ast, err := parser.Parse(strings.NewReader(c.Expression))
	if err != nil || len(ast.AST.Children) != 1 {
		return c
	}
	node := ast.AST.Children[0]
	for i, r := range c.Location() {
		if i == 0 {
			node.StartLine = r.Start.Line
		}
		node.EndLine = r.End.Line
	}
	cmd, err := instructions.ParseCommand(node)
	if err != nil {
		return c
	}
	return cmd
}

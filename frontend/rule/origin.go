package rule

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// Origin says where an image has something from.
type Origin struct {
	// Location is that of the instruction, or else of the FROM that brings it. It
	// is nil if the Dockerfile has no such stage.
	Location []parser.Range
	// Base is the image that brings it, as FROM names it; "" if an instruction
	// does.
	Base string
}

// Line returns the first line of the origin, or 0.
func (o Origin) Line() int {
	if len(o.Location) == 0 {
		return 0
	}
	return o.Location[0].Start.Line
}

// match says whether an instruction is the one that is looked for.
type match int

const (
	never match = iota
	// perhaps is for an instruction with variables: only BuildKit knows their
	// values.
	perhaps
	exactly
)

// origin looks for the last instruction that matches, in the stage that target
// names and in those that it is built from. "" is the last stage. Later says that
// the instruction may stand behind ONBUILD.
func origin(dockerfile []byte, target string, later bool, is func(instructions.Command) match) Origin {
	stages, _, err := Parse(dockerfile)
	if err != nil {
		return Origin{}
	}
	at := len(stages) - 1
	if target != "" {
		at = StageIndex(stages, target)
	}
	var variable []parser.Range
	var from Origin
	for at >= 0 {
		stage := stages[at]
		for _, cmd := range slices.Backward(stage.Commands) {
			if onbuild, ok := cmd.(*instructions.OnbuildCommand); ok && later {
				cmd = trigger(onbuild)
			}
			switch is(cmd) {
			case exactly:
				return Origin{Location: rangesOf(cmd)}
			case perhaps:
				if variable == nil {
					variable = rangesOf(cmd)
				}
			case never:
			}
		}
		from = Origin{Location: stage.Location, Base: stage.BaseName}
		// A stage may be built from another that stands above it.
		at = StageIndex(stages[:at], stage.BaseName)
	}
	if variable != nil {
		return Origin{Location: variable}
	}
	return from
}

func rangesOf(cmd instructions.Command) []parser.Range {
	if c, ok := cmd.(interface{ Location() []parser.Range }); ok {
		return c.Location()
	}
	return nil
}

// hasVariable reports whether a word of a Dockerfile is other than it looks.
func hasVariable(word string) bool { return strings.ContainsAny(word, "$\\'\"") }

// EnvOrigin returns where an image has a variable from.
func EnvOrigin(dockerfile []byte, target, name string, later bool) Origin {
	return origin(dockerfile, target, later, func(cmd instructions.Command) match {
		c, ok := cmd.(*instructions.EnvCommand)
		if !ok {
			return never
		}
		found := never
		for _, e := range c.Env {
			switch {
			case e.Key == name:
				return exactly
			case hasVariable(e.Key):
				found = perhaps
			}
		}
		return found
	})
}

// TriggerEnv returns the variables that an instruction behind ONBUILD sets, in
// the form of a process's environment.
func TriggerEnv(expression string) []string {
	c, ok := triggered(expression).(*instructions.EnvCommand)
	if !ok {
		return nil
	}
	var out []string
	for _, e := range c.Env {
		out = append(out, e.Key+"="+e.Value)
	}
	return out
}

// triggered parses an instruction behind ONBUILD, or returns nil.
func triggered(expression string) any {
	ast, err := parser.Parse(strings.NewReader(expression))
	if err != nil || len(ast.AST.Children) != 1 {
		return nil
	}
	cmd, err := instructions.ParseCommand(ast.AST.Children[0])
	if err != nil {
		return nil
	}
	return cmd
}

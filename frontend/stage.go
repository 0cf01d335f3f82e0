package frontend

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/util/suggest"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/frontend/rule"
)

// withStages returns options with their list of stages carried out: without an
// agent for a target that is not in the list.
func withStages(o option.Options, dockerfile []byte, target string) (option.Options, error) {
	wanted, err := getsAgent(dockerfile, target, o.Stages)
	if err == nil && !wanted {
		o.Mode = option.ModeOff
	}
	return o, err
}

// getsAgent reports whether the stage that target names, or the last one, is
// among wanted. Stages are named as for `--target`: by name or by number.
func getsAgent(dockerfile []byte, target string, wanted []string) (bool, error) {
	if len(wanted) == 0 {
		return true, nil
	}
	stages, _, err := rule.Parse(dockerfile)
	if err != nil || len(stages) == 0 {
		return true, nil //nolint:nilerr // BuildKit says so itself
	}
	built := len(stages) - 1
	if target != "" {
		if built = rule.StageIndex(stages, target); built < 0 {
			return true, nil // likewise
		}
	}
	found := false
	for _, name := range wanted {
		at := rule.StageIndex(stages, name)
		if at < 0 {
			return false, unknownStage(stages, name)
		}
		found = found || at == built
	}
	return found, nil
}

func unknownStage(stages []instructions.Stage, name string) error {
	var names []string
	for i, s := range stages {
		if s.Name == "" {
			s.Name = strconv.Itoa(i)
		}
		names = append(names, s.Name)
	}
	msg := fmt.Sprintf("stages: the Dockerfile has no stage %q, but %s", name, strings.Join(names, ", "))
	if near, ok := suggest.Search(name, names, true); ok {
		msg += fmt.Sprintf(" (did you mean %s?)", near)
	}
	return &notice.Error{Message: msg}
}

package start

import (
	"errors"
	"fmt"
	"strings"
)

// incompleteError is a source that somebody began to set.
type incompleteError struct {
	text string
	// invalid says that a value is wrong, rather than missing.
	invalid bool
}

func (e *incompleteError) Error() string { return e.text }

// join adds another reason, each once.
func (e *incompleteError) join(err error) {
	var other *incompleteError
	if !errors.As(err, &other) || strings.Contains(e.text, other.text) {
		return
	}
	if e.text != "" {
		e.text += "; "
	}
	e.text += other.text
	e.invalid = e.invalid || other.invalid
}

func incomplete(format string, args ...any) error {
	return &incompleteError{text: fmt.Sprintf(format, args...)}
}

func invalid(err error) error { return &incompleteError{text: err.Error(), invalid: true} }

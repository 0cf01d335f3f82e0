package foreign

import (
	"fmt"
	"strconv"
)

// Error says what is wrong with a tree.
type Error struct{ reason string }

// Error is one line, whatever the files are called.
func (e *Error) Error() string { return e.reason }

func refuse(format string, args ...any) error {
	return &Error{fmt.Sprintf(format, args...)}
}

// shown returns a name for people: it is anybody's choice.
func shown(name string) string {
	const enough = 200
	quoted := strconv.Quote(name)
	if quoted == `"`+name+`"` && len(name) <= enough {
		return name
	}
	return fmt.Sprintf("%.*q", enough, name)
}

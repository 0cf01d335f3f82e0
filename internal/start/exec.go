package start

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"syscall"
)

var errNoRoom = errors.New("there is no room for the agent's variables in its environment")

// Exec becomes the app by way of exec, which is syscall.Exec but in tests. It
// returns only where there is no app, with the exit code.
func (p *Plan) Exec(exec func(path string, args, env []string) error, stderr io.Writer) int {
	p.Log.Write(stderr)
	if p.Exit != 0 {
		return p.Exit
	}
	err := exec(p.Path, p.Args, p.Env)
	if errors.Is(err, syscall.E2BIG) && p.Monitored && !slices.Equal(p.Env, p.plain) {
		// Our variables may be what was too much.
		p.unmonitored(errNoRoom)
		if p.Exit != 0 {
			p.Log.Write(stderr)
			return p.Exit
		}
		p.Log.Write(stderr)
		err = exec(p.Path, p.Args, p.plain)
	}
	exit := exitNotExecutable
	text := fmt.Sprintf("cannot start %q: %v", p.Path, err)
	switch {
	case errors.Is(err, fs.ErrNotExist), isNotDir(err):
		// It was there: what runs it is not.
		exit = exitNotFound
		text += " (the interpreter or the loader that it names is missing)"
	case errors.Is(err, syscall.ENOEXEC):
		text += " (neither a program for this machine nor a script with #!)"
	}
	p.Log.add(levelError, text)
	p.Log.Write(stderr)
	return exit
}

func isNotDir(err error) bool { return errors.Is(err, syscall.ENOTDIR) }

package start

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// defaultPath is what container runtimes set where an image sets none.
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// commandError is an app that cannot be started, with a shell's exit code.
type commandError struct {
	exit int
	text string
}

func (e *commandError) Error() string { return e.text }

// errNoCommand is about an image that says nothing of what to start.
var errNoCommand = &commandError{exitNotFound, "nothing to start: the image has no entrypoint and no command, pass one (docker run IMAGE COMMAND)"}

// command returns the app's command without an entrypoint of one empty string.
// Engines take that for no entrypoint, but cannot see it behind ours.
//
// Source: moby, daemon/create.go (mergeAndVerifyConfig); containerd,
// internal/cri/opts/spec_opts.go (WithProcessArgs).
func command(args []string) []string {
	if len(args) > 0 && args[0] == "" {
		return args[1:]
	}
	return args
}

// resolve finds the file to execute for an app's name, as a shell does: a name
// with a slash is a path, another is looked for in the app's own PATH.
func resolve(files Files, path, name string) (string, error) {
	if strings.Contains(name, "/") {
		if err := runnable(files, name); err != nil {
			return "", refuse(name, err)
		}
		return name, nil
	}
	if path == "" {
		path = defaultPath
	}
	var denied error
	for dir := range strings.SplitSeq(path, ":") {
		if name == "" {
			break
		}
		file := join(dir, name)
		err := runnable(files, file)
		if err == nil {
			return file, nil
		}
		if !missing(err) && denied == nil {
			denied = refuse(file, err)
		}
	}
	if denied != nil {
		return "", denied
	}
	return "", &commandError{exitNotFound, fmt.Sprintf("cannot start %q: not found in PATH", name)}
}

// join keeps an empty entry of PATH what it is: the working directory.
func join(dir, name string) string {
	switch {
	case dir == "":
		return "./" + name
	case strings.HasSuffix(dir, "/"):
		return dir + name
	}
	return dir + "/" + name
}

var errDirectory = errors.New("is a directory")

func runnable(files Files, name string) error {
	info, err := files.Stat(name)
	if err != nil {
		return cause(err)
	}
	if info.IsDir() {
		return errDirectory
	}
	return cause(files.Executable(name))
}

// missing is what lets a search go on without remembering where it was.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || isNotDir(err) || errors.Is(err, errDirectory)
}

func refuse(name string, err error) error {
	exit := exitNotExecutable
	if errors.Is(err, fs.ErrNotExist) || isNotDir(err) {
		exit = exitNotFound
	}
	return &commandError{exit, fmt.Sprintf("cannot start %q: %v", name, err)}
}

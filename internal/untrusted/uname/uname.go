package uname

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent/variable"
	"golang.org/x/sys/unix"
)

// Variable names the machine. Without it the machine is this one.
const Variable = variable.InstallMachine

// Programs are those that this package is, by the names of their files.
var Programs = []string{"uname", "arch"}

// Is reports whether a program was called by one of these names.
func Is(name string) bool { return slices.Contains(Programs, filepath.Base(name)) }

// Run is uname(1) and arch(1) as GNU has them; machine may be empty. It returns
// an exit code.
func Run(args []string, machine string, stdout, stderr io.Writer) int {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		fmt.Fprintf(stderr, "uname: %v\n", err)
		return 1
	}
	if machine == "" {
		machine = unix.ByteSliceToString(u.Machine[:])
	}
	if filepath.Base(args[0]) == "arch" {
		fmt.Fprintln(stdout, machine)
		return 0
	}
	wanted, err := parse(args[1:])
	if err != nil {
		fmt.Fprintf(stderr, "uname: %v\n", err)
		return 1
	}
	values := map[byte]string{
		's': unix.ByteSliceToString(u.Sysname[:]),
		'n': unix.ByteSliceToString(u.Nodename[:]),
		'r': unix.ByteSliceToString(u.Release[:]),
		'v': unix.ByteSliceToString(u.Version[:]),
		'm': machine,
		'p': machine,
		'i': machine,
		'o': "GNU/Linux",
	}
	var words []string
	for i := range len(order) {
		if strings.IndexByte(wanted, order[i]) >= 0 {
			words = append(words, values[order[i]])
		}
	}
	fmt.Fprintln(stdout, strings.Join(words, " "))
	return 0
}

// order is that of the output.
const order = "snrvmpio"

// all is what -a stands for: as on most systems without processor and platform,
// which repeat the machine.
const all = "snrvmo"

var long = map[string]string{
	"--all": all, "--kernel-name": "s", "--sysname": "s", "--nodename": "n", "--kernel-release": "r", "--release": "r",
	"--kernel-version": "v", "--machine": "m", "--processor": "p", "--hardware-platform": "i", "--operating-system": "o",
}

// parse returns the letters of what is asked for.
func parse(args []string) (string, error) {
	wanted := ""
	for _, arg := range args {
		letters, known := long[arg]
		if !known {
			letters = strings.TrimPrefix(arg, "-")
			if letters == "" || letters == arg || strings.Trim(letters, "a"+order) != "" {
				return "", fmt.Errorf("unknown argument %q", arg)
			}
			letters = strings.ReplaceAll(letters, "a", all)
		}
		wanted += letters
	}
	if wanted == "" {
		wanted = "s"
	}
	return wanted, nil
}

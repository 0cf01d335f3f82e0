// Package inherit passes on what the kernel lets a program inherit through
// exec(2), and Go's runtime changes when it starts: which signals are ignored,
// and which are blocked (signal(7)).
//
// The runtime installs a handler for nearly every signal and keeps to itself
// what was there before; exec resets a handler to the default. The state must be
// read before the runtime starts, so a program that needs it is linked with
//
//	go build -ldflags "-E dt_start_entry"
//
// Without that flag nothing is known, and a program behaves as any other one in
// Go does.
package inherit

import (
	"os/signal"
	"runtime"
	"syscall"
	"unsafe"
)

// These are written by dt_start_entry before there is a runtime. Bit n-1 is
// signal n.
var (
	known, ignored, mask uint64
	// action is the kernel's struct sigaction. Its first word is the handler.
	action [8]uint64
)

// Values of the kernel's interface (asm-generic/signal-defs.h).
const (
	sigIgnore  = 1 // SIG_IGN
	setMask    = 2 // SIG_SETMASK
	setSize    = 8
	lastSignal = 64
)

// Known reports whether the program was linked with the entry of this package.
func Known() bool { return known != 0 }

// KeepIgnoring ignores the signals that would end a Go program and that the
// parent wants to be ignored. The runtime does so for SIGHUP and SIGINT alone.
// SIGCHLD waits for [Exec], since a program that ignores it cannot wait for a
// child.
func KeepIgnoring() {
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGABRT} {
		if wasIgnored(int(s)) {
			signal.Ignore(s)
		}
	}
}

func wasIgnored(n int) bool { return ignored&(1<<(n-1)) != 0 }

// Exec is [syscall.Exec] with the signals as they were at the start.
func Exec(path string, args, env []string) error {
	if Known() {
		// The mask is the thread's that calls execve.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		restore()
	}
	return syscall.Exec(path, args, env)
}

// restore calls the kernel directly: the runtime changes no signal that it
// needs itself, but exec ends the runtime.
func restore() {
	ignore := [len(action)]uint64{sigIgnore}
	for n := 1; n <= lastSignal; n++ {
		if wasIgnored(n) {
			rawSyscall(syscall.SYS_RT_SIGACTION, uintptr(n), &ignore[0])
		}
	}
	rawSyscall(syscall.SYS_RT_SIGPROCMASK, setMask, &mask)
}

// rawSyscall does without an error: where a value cannot be restored, the app
// starts as it would behind any Go program.
func rawSyscall(trap, what uintptr, to *uint64) {
	//nolint:gosec // no package wraps rt_sigaction
	_, _, _ = syscall.RawSyscall6(trap, what, uintptr(unsafe.Pointer(to)), 0, setSize, 0, 0)
}

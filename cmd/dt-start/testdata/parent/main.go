// Parent starts a program as a parent with other signals than Go's would: it
// ignores and blocks those of two masks, and no others.
//
//	parent IGNORED BLOCKED PROGRAM [ARGUMENT...]
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"unsafe"
)

// Values of the kernel's interface.
const (
	setMask = 2
	setSize = 8
)

func main() {
	runtime.LockOSThread()
	ignored, blocked := mask(os.Args[1]), mask(os.Args[2])
	path, err := syscall.BytePtrFromString(os.Args[3])
	if err != nil {
		panic(err)
	}
	args, env := pointers(os.Args[3:]), pointers(os.Environ())
	for n := 1; n <= 64; n++ {
		// The kernel's struct sigaction; its first word is the handler.
		var action [8]uint64
		action[0] = ignored >> (n - 1) & 1
		_, _, _ = syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(n), uintptr(unsafe.Pointer(&action)), 0, setSize, 0, 0)
	}
	_, _, _ = syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, setMask, uintptr(unsafe.Pointer(&blocked)), 0, setSize, 0, 0)
	_, _, errno := syscall.RawSyscall(syscall.SYS_EXECVE,
		uintptr(unsafe.Pointer(path)), uintptr(unsafe.Pointer(&args[0])), uintptr(unsafe.Pointer(&env[0])))
	fmt.Fprintln(os.Stderr, errno)
	os.Exit(1)
}

func mask(s string) uint64 {
	m, err := strconv.ParseUint(s, 16, 64)
	if err != nil {
		panic(err)
	}
	return m
}

func pointers(list []string) []*byte {
	p, err := syscall.SlicePtrFromStrings(list)
	if err != nil {
		panic(err)
	}
	return p
}

package front

import (
	"errors"
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
)

// BlackHole returns an address of the loopback interface that takes no
// connection and refuses none: its queue is full, and what is sent to it
// further is dropped without a word, as a firewall does. It ends with the test.
// With port 0 any that is free is taken.
func BlackHole(t testing.TB, port int) (string, error) {
	t.Helper()
	listener, err := socket(t)
	if err != nil {
		return "", err
	}
	address := &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: port}
	if err := errors.Join(unix.Bind(listener, address), unix.Listen(listener, 0)); err != nil {
		return "", fmt.Errorf("making a black hole: %w", err)
	}
	bound, err := unix.Getsockname(listener)
	if err != nil {
		return "", fmt.Errorf("making a black hole: %w", err)
	}
	address.Port = bound.(*unix.SockaddrInet4).Port
	return fmt.Sprintf("127.0.0.1:%d", address.Port), fill(t, address)
}

// fill connects until nobody can any more.
func fill(t testing.TB, address unix.Sockaddr) error {
	for {
		fd, err := socket(t)
		if err != nil {
			return err
		}
		if err := unix.Connect(fd, address); err != nil && !errors.Is(err, unix.EINPROGRESS) {
			return fmt.Errorf("filling a black hole: %w", err)
		}
		connected := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
		n, err := unix.Poll(connected, 200)
		if n == 0 && err == nil {
			return nil
		}
		if err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("filling a black hole: %w", err)
		}
	}
}

// socket is not of package net, which does not promise to stay on its thread:
// a test may have put that into a network of its own.
func socket(t testing.TB) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("making a socket: %w", err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	return fd, nil
}

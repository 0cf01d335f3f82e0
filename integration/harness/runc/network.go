package runc

import (
	"fmt"
	"os"
	"runtime"

	"github.com/containerd/containerd/v2/pkg/oci"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
)

// Network is one of its own: nothing is in it but a loopback interface.
type Network struct {
	calls chan func()
	ns    *os.File
}

// NewNetwork makes a network that lasts until Close.
func NewNetwork() (*Network, error) {
	n := &Network{calls: make(chan func())}
	ready := make(chan error)
	go func() {
		// Never unlocked: the thread ends with the goroutine, and nobody else
		// finds themselves in this network.
		runtime.LockOSThread()
		err := n.enter()
		ready <- err
		if err != nil {
			return
		}
		for call := range n.calls {
			call()
		}
	}()
	if err := <-ready; err != nil {
		return nil, fmt.Errorf("making a network: %w", err)
	}
	return n, nil
}

func (n *Network) enter() error {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return err
	}
	if err := raiseLoopback(); err != nil {
		return err
	}
	var err error
	n.ns, err = os.Open("/proc/thread-self/ns/net")
	return err
}

func raiseLoopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo)
}

// Do calls fn in the network: sockets that it opens belong there for good.
func (n *Network) Do(fn func() error) error {
	done := make(chan error, 1)
	n.calls <- func() { done <- fn() }
	return <-done
}

// Option puts a container into the network.
func (n *Network) Option() Option {
	return oci.WithLinuxNamespace(specs.LinuxNamespace{
		Type: specs.NetworkNamespace,
		// An open file keeps the network without a name in the file system.
		Path: fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), n.ns.Fd()),
	})
}

// Close lets go of the network.
func (n *Network) Close() error {
	close(n.calls)
	return n.ns.Close()
}

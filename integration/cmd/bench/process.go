package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"
)

// candidate is one of the programs that are compared: a way to start the app, or
// to read files.
type candidate struct {
	name string
	args []string
	env  []string
	// agent says that it gives the app the agent.
	agent bool
	// rival is the script that does the same.
	rival *candidate
	took  []time.Duration
	// used is the processor time of each run, which other work on the machine
	// changes less.
	used []time.Duration
	// status is the exit status that says that it has worked.
	status int
}

// run starts the program once and waits for its end. It does without os/exec,
// whose pipes and goroutines would be measured, too.
func (c *candidate) run(null uintptr) (took, used time.Duration, err error) {
	attr := &syscall.ProcAttr{Env: c.env, Files: []uintptr{null, null, null}}
	began := time.Now()
	pid, err := syscall.ForkExec(c.args[0], c.args, attr)
	if err != nil {
		return 0, 0, fmt.Errorf("starting %s: %w", c.args[0], err)
	}
	var (
		status syscall.WaitStatus
		usage  syscall.Rusage
	)
	for {
		if _, err = syscall.Wait4(pid, &status, 0, &usage); err != syscall.EINTR {
			break
		}
	}
	took = time.Since(began)
	if err != nil {
		return 0, 0, fmt.Errorf("waiting for %s: %w", c.args[0], err)
	}
	if !status.Exited() || status.ExitStatus() != c.status {
		return 0, 0, fmt.Errorf("%s: ended with wait status %#x", c.name, uint32(status))
	}
	return took, time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}

// interleave runs all candidates in turn, so that whatever else the machine
// does hits them alike; each round begins with another. The first rounds fill
// caches and do not count.
func interleave(candidates []*candidate, warmups, runs int) error {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	for i := range warmups + runs {
		for j := range candidates {
			c := candidates[(i+j)%len(candidates)]
			took, used, err := c.run(null.Fd())
			if err != nil {
				return err
			}
			if i >= warmups {
				c.took, c.used = append(c.took, took), append(c.used, used)
			}
		}
	}
	return nil
}

func (c *candidate) median() time.Duration { return median(c.took) }

func median(of []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}

// executable copies a binary to where it is to be run: one fresh from the
// linker lies in memory in another way and starts slower.
func executable(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o755)
}

// lookUp returns a variable out of env's output.
func lookUp(out, name string) string {
	for line := range strings.Lines(out) {
		if v, ok := strings.CutPrefix(line, name+"="); ok {
			return strings.TrimSuffix(v, "\n")
		}
	}
	return ""
}

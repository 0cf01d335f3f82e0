package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// result is what became of the mutants of a package.
type result struct {
	name                         string
	possible                     int
	killed, survived, uncompiled int
	timedOut                     int // of the killed
}

// errUncompiled is a mutant that the compiler refuses.
var errUncompiled = errors.New("does not compile")

// try makes mutants of a package until the sample is full or the time is over.
func try(ctx context.Context, p goPackage, s settings) (result, error) {
	r := result{name: p.ImportPath}
	all, err := p.mutants(s)
	if err != nil {
		return r, err
	}
	r.possible = len(all)
	dir, err := os.MkdirTemp("", "mutation-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	began := time.Now()
	limits := make([]time.Duration, len(p.tests))
	for i, t := range p.tests {
		if err := build(ctx, t, dir, nil); err != nil {
			return r, err
		}
		ran := time.Now()
		if err := test(ctx, t, dir, 10*time.Minute); err != nil {
			return r, fmt.Errorf("the tests of %s fail without any change: %w", t.importPath, err)
		}
		limits[i] = 20*time.Second + 4*time.Since(ran)
	}
	for _, m := range all {
		if r.killed+r.survived == s.sample || time.Since(began) > s.budget {
			break
		}
		if err := r.one(ctx, p, m, dir, limits); err != nil {
			return r, err
		}
	}
	return r, nil
}

// one tries a mutant, counts it, and prints it where it survived.
func (r *result) one(ctx context.Context, p goPackage, m mutant, dir string, limits []time.Duration) error {
	for i, t := range p.tests {
		err := build(ctx, t, dir, &m)
		if errors.Is(err, errUncompiled) {
			r.uncompiled++
			return nil
		}
		if err != nil {
			return err
		}
		began := time.Now()
		if err := test(ctx, t, dir, limits[i]); ctx.Err() != nil {
			return ctx.Err()
		} else if err != nil {
			r.killed++
			if time.Since(began) > limits[i] {
				r.timedOut++
			}
			return nil
		}
	}
	r.survived++
	fmt.Printf("survived: %s:%d: %s\n", relative(m.path), m.line, m.change())
	return nil
}

// program is where the tests of a package are built to.
func program(dir string, t testPackage) string {
	return filepath.Join(dir, filepath.Base(t.dir)+".test")
}

// build builds a package's tests into dir, with the mutant if there is one.
func build(ctx context.Context, t testPackage, dir string, m *mutant) error {
	args := []string{"test", "-c", "-p", "1", "-vet=off", "-ldflags=-s -w", "-o", program(dir, t)}
	if m != nil {
		overlay, changed := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "changed.go")
		content, err := json.Marshal(map[string]any{"Replace": map[string]string{m.path: changed}})
		if err != nil {
			return err
		}
		if err := errors.Join(os.WriteFile(overlay, content, 0o600), os.WriteFile(changed, m.changed(), 0o600)); err != nil {
			return err
		}
		args = append(args, "-overlay", overlay)
	}
	cmd := exec.CommandContext(ctx, "go", append(args, t.importPath)...)
	out, err := cmd.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && m != nil:
		return errUncompiled
	case err != nil:
		return fmt.Errorf("go test -c: %w\n%s", err, out)
	}
	return nil
}

// test runs the tests that build built, as go test does. A test that does not
// end is stopped together with all programs that it started.
func test(ctx context.Context, t testPackage, dir string, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit+10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, program(dir, t), "-test.short", "-test.failfast", "-test.timeout", limit.String())
	cmd.Dir = t.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

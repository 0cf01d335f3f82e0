package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// build runs `docker buildx build` with the engine's own builder, and returns
// what it printed.
func (c *check) build(ctx context.Context, name, steps string, args ...string) (string, error) {
	dir := filepath.Join(c.dir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	dockerfile := fmt.Sprintf("# syntax=%s\nFROM %s\n%sCMD [\"/bin/sleep\", \"1\"]\n", c.frontend, c.base, steps)
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(dockerfile), 0o644); err != nil {
		return "", err
	}
	all := []string{"build", "--progress=plain", "--builder=default", "--tag", tag(name)}
	for id := range c.secrets() {
		all = append(all, "--secret", "id="+id+",src="+filepath.Join(c.dir, id))
	}
	cmd := exec.CommandContext(ctx, "buildx", append(append(all, args...), dir)...)
	cmd.Env = append(os.Environ(), "DOCKER_HOST=unix://"+c.engine.socket, "BUILDX_CONFIG="+filepath.Join(c.dir, "buildx"), "BUILDX_BUILDER=")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	for _, secret := range c.env.Secrets() {
		if strings.Contains(out.String(), secret.Value) {
			return "", fmt.Errorf("the build of %s prints the %s", name, secret.Name)
		}
	}
	return out.String(), err
}

// must is a build that has to work.
func (c *check) must(ctx context.Context, name, steps string, args ...string) (string, error) {
	out, err := c.build(ctx, name, steps, args...)
	if err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", name, err, out)
	}
	return out, nil
}

func tag(name string) string { return "dt-engine/" + name + ":latest" }

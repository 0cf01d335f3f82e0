package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/moby/moby/api/types/image"

	"github.com/org/dt-frontend/integration/standin/cluster"
)

// Labels of the images.
const (
	labelMode  = "com.dynatrace.oneagent.mode"
	labelLayer = "com.dynatrace.oneagent.layer"
)

const hello = "RUN echo hello >/greeting\n"

func (c *check) instrumented(ctx context.Context) error {
	out, err := c.must(ctx, "first", hello)
	if err != nil {
		return err
	}
	if copied := strings.Contains(out, "the agent is copied into the image"); copied == c.merges {
		return fmt.Errorf("the engine merges layers: %v; the agent was copied: %v", c.merges, copied)
	}
	i, err := c.engine.inspect(ctx, tag("first"))
	if err != nil {
		return err
	}
	return c.checkLabels(i)
}

// checkLabels looks at an image with the agent. The layer is named where it is
// one that images share.
func (c *check) checkLabels(i image.InspectResponse) error {
	if mode := i.Config.Labels[labelMode]; mode != "build" {
		return fmt.Errorf("the label %s is %q", labelMode, mode)
	}
	layer, named := i.Config.Labels[labelLayer]
	if named != c.merges || named && !slices.Contains(i.RootFS.Layers, layer) {
		return fmt.Errorf("the label %s is %q, and the layers are %v", labelLayer, layer, i.RootFS.Layers)
	}
	return nil
}

func (c *check) seen(ctx context.Context) error {
	var env []string
	for id, value := range c.secrets() {
		env = append(env, id+"="+value)
	}
	if err := c.engine.start(ctx, tag("first"), env); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	in, err := c.env.WaitCheckIn(ctx, func(in cluster.CheckIn) bool { return strings.HasSuffix(in.Process, "sleep") })
	if err != nil {
		return fmt.Errorf("the cluster saw %v: %w", in, err)
	}
	return nil
}

func (c *check) clean(ctx context.Context) error {
	archive := filepath.Join(c.dir, "first.tar")
	if err := c.engine.save(ctx, tag("first"), archive); err != nil {
		return err
	}
	args := []string{archive}
	for id := range c.secrets() {
		args = append(args, "--secret-file", id+"="+filepath.Join(c.dir, id))
	}
	if out, err := exec.CommandContext(ctx, c.verify, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("dt-verify: %w\n%s", err, out)
	}
	return nil
}

func (c *check) shared(ctx context.Context) error {
	if _, err := c.must(ctx, "second", "RUN echo something else >/other\n"); err != nil {
		return err
	}
	first, err := c.engine.inspect(ctx, tag("first"))
	if err != nil {
		return err
	}
	second, err := c.engine.inspect(ctx, tag("second"))
	if err != nil {
		return err
	}
	if first.Config.Labels[labelLayer] != second.Config.Labels[labelLayer] {
		return errors.New("the two have different agent layers")
	}
	if n := c.env.Count(cluster.EndpointInstaller); n != 1 {
		return fmt.Errorf("the installer was downloaded %d times", n)
	}
	return c.checkLabels(second)
}

func (c *check) again(ctx context.Context) error {
	before, err := c.engine.inspect(ctx, tag("first"))
	if err != nil {
		return err
	}
	if _, err := c.must(ctx, "first", hello); err != nil {
		return err
	}
	after, err := c.engine.inspect(ctx, tag("first"))
	if err != nil {
		return err
	}
	if !slices.Equal(before.RootFS.Layers, after.RootFS.Layers) {
		return errors.New("the layers have changed")
	}
	return nil
}

func (c *check) refused(ctx context.Context) error {
	c.env.SetFault(cluster.Fault{Kind: cluster.FaultUnauthorized})
	defer c.env.ClearFaults()
	out, err := c.build(ctx, "third", hello)
	if err == nil {
		return errors.New("the build works")
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	last := lines[len(lines)-1]
	if !strings.Contains(last, "dynatrace: the cluster refused the token (401)") || !strings.Contains(out, ">>> # syntax=") {
		return fmt.Errorf("the build ends with:\n%s", out)
	}
	return nil
}

func (c *check) skipped(ctx context.Context) error {
	c.env.SetFault(cluster.Fault{Kind: cluster.FaultUnavailable})
	defer c.env.ClearFaults()
	out, err := c.must(ctx, "third", hello, "--build-arg", "DYNATRACE=on-error=skip")
	if err != nil {
		return err
	}
	if !strings.Contains(out, "is built without OneAgent (on-error=skip)") {
		return fmt.Errorf("no warning:\n%s", out)
	}
	i, err := c.engine.inspect(ctx, tag("third"))
	if err != nil {
		return err
	}
	if mode := i.Config.Labels[labelMode]; mode != "off" {
		return fmt.Errorf("the label %s is %q", labelMode, mode)
	}
	return nil
}

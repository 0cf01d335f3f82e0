package check

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/org/dt-frontend/frontend/detect"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/frontend/rule"
	"github.com/org/dt-frontend/internal/agent"
)

// realPath returns where an engine mounts a volume of the image, as if /opt were
// no symlink.
type realPath func(volume string) (string, error)

func asWritten(volume string) (string, error) { return volume, nil }

// volume is one that hides something.
type volume struct {
	name   string
	hidden agent.Hidden
	// later says that a build from the image gets it, and not the image itself.
	later bool
}

// hidingVolumes returns the volumes of an image that hide what we put into it:
// the Dockerfile's own, those of the base image, and those that ONBUILD leaves
// to others. Ca is the path of the certificates that the build was given for
// the agent, or "".
func hidingVolumes(img *dockerspec.DockerOCIImage, mode option.Mode, ca string, real realPath) ([]volume, error) {
	var out []volume
	add := func(name string, later bool) error {
		at, err := real(name)
		if err != nil {
			return err
		}
		if hidden := agent.HiddenBy(at, mode != option.ModeRuntime, ca); hidden != agent.HidesNothing {
			out = append(out, volume{name, hidden, later})
		}
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(img.Config.Volumes)) {
		if err := add(name, false); err != nil {
			return nil, err
		}
	}
	for _, trigger := range img.Config.OnBuild {
		for _, name := range rule.TriggerVolumes(trigger) {
			if err := add(name, true); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// lintVolumes runs the rule about volumes. It looks at the image's config, which
// has the volumes of the base image, too.
func (c *Checks) lintVolumes(l *linter.Linter, volumes []volume) {
	for _, v := range volumes {
		l.Run(&rule.Volume, rule.VolumeLine(c.Dockerfile, c.Target, v.name, v.later), rule.Volume.Format(v.name, v.hidden))
	}
}

// checkVolumes refuses an app whose volumes hide dt-start, and warns of those
// that hide something else. Whoever skips the rule knows the engine that runs
// the app: Docker fills a new volume with what the image has there.
func (c *Checks) checkVolumes(ctx context.Context, volumes []volume) error {
	warn := c.Warnings.Rule(ctx)
	var fatal error
	for _, v := range volumes {
		l, err := c.NewLinter(func(name, description, url, msg string, location []parser.Range) {
			if v.hidden != agent.HidesStart || v.later {
				warn(name, description, url, msg, location)
				return
			}
			f := &notice.Error{Message: msg + ". If every engine that runs the image fills new volumes from it, skip the rule " + name}
			if len(location) > 0 {
				f.Line = location[0].Start.Line
			}
			fatal = f
		})
		if err != nil {
			return err
		}
		c.lintVolumes(l, []volume{v})
		if fatal != nil {
			return fatal
		}
		if err := l.Error(); err != nil {
			return err
		}
	}
	return nil
}

// inApp returns where an engine mounts a volume of the app, given that /opt or a
// directory in the volume's path may be a symlink.
func inApp(ctx context.Context, app detect.Files) realPath {
	return func(volume string) (string, error) {
		root, err := existing(ctx, app, agent.Root)
		if err != nil {
			return "", err
		}
		at, err := existing(ctx, app, path.Clean("/"+volume))
		switch {
		case err != nil:
			return "", err
		case agent.IsIn(at, root):
			return agent.Root + strings.TrimPrefix(at, root), nil
		case agent.IsIn(root, at):
			return path.Dir(agent.Root), nil
		}
		return at, nil
	}
}

// existing follows the symlinks of a path as far as there is something.
func existing(ctx context.Context, files detect.Files, name string) (string, error) {
	if name == "/" {
		return name, nil
	}
	at, st, err := detect.Find(ctx, files, name)
	if err != nil || st != nil {
		return at, err
	}
	parent, err := existing(ctx, files, path.Dir(name))
	return path.Join(parent, path.Base(name)), err
}

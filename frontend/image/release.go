package image

import (
	"slices"
	"strings"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/variable"
)

// release is one of the agent's variables for release metadata, and the label of
// an image that says the same.
type release struct{ variable, label string }

var releases = []release{
	{variable.ReleaseVersion, ocispecs.AnnotationVersion},
	{variable.ReleaseProduct, ocispecs.AnnotationTitle},
	{variable.ReleaseBuildVersion, ocispecs.AnnotationRevision},
}

// SetRelease gives the app's environment the release metadata of its labels.
// What the Dockerfile sets wins, and so does what the container is given. What
// an instrumented base image was given of its own labels does not.
func SetRelease(img, base *dockerspec.DockerOCIImage) {
	for _, r := range releases {
		if value, set := lookup(img.Config.Env, r.variable); set && !r.isOf(base, value) {
			continue
		}
		img.Config.Env = slices.DeleteFunc(slices.Clone(img.Config.Env), func(e string) bool {
			return strings.HasPrefix(e, r.variable+"=")
		})
		if value := r.own(img, base); value != "" {
			img.Config.Env = append(img.Config.Env, r.variable+"="+value)
		}
	}
}

// own returns what img's label says, or "" where that is inherited: the release
// of a base image is none of the app's.
func (r release) own(img, base *dockerspec.DockerOCIImage) string {
	value := img.Config.Labels[r.label]
	if base != nil && value == base.Config.Labels[r.label] {
		return ""
	}
	return value
}

// isOf reports whether value is what base was given of its label when it was
// instrumented.
func (r release) isOf(base *dockerspec.DockerOCIImage, value string) bool {
	if base == nil || value == "" || base.Config.Labels[agent.LabelMode] == "" {
		return false
	}
	if inherited, _ := lookup(base.Config.Env, r.variable); inherited != value {
		return false
	}
	return base.Config.Labels[r.label] == value
}

func lookup(env []string, name string) (string, bool) {
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v, true
		}
	}
	return "", false
}

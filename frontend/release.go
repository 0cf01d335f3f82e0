package frontend

import (
	"slices"
	"strings"

	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// releases are the agent's variables for release metadata, and the labels of an
// image that say the same.
var releases = []struct{ variable, label string }{
	{"DT_RELEASE_VERSION", ocispecs.AnnotationVersion},
	{"DT_RELEASE_PRODUCT", ocispecs.AnnotationTitle},
	{"DT_RELEASE_BUILD_VERSION", ocispecs.AnnotationRevision},
}

// setRelease gives the app's environment the release metadata of its labels.
// What the Dockerfile sets wins, and so does what the container is given. What
// an instrumented base image was given of its own labels does not.
func setRelease(img, base *dockerspec.DockerOCIImage) {
	for _, r := range releases {
		value := img.Config.Labels[r.label]
		own, set := lookup(img.Config.Env, r.variable)
		if set && (base == nil || own == "" || own != base.Config.Labels[r.label]) {
			continue
		}
		img.Config.Env = slices.DeleteFunc(slices.Clone(img.Config.Env), func(e string) bool {
			return strings.HasPrefix(e, r.variable+"=")
		})
		if value != "" {
			img.Config.Env = append(img.Config.Env, r.variable+"="+value)
		}
	}
}

func lookup(env []string, name string) (string, bool) {
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v, true
		}
	}
	return "", false
}

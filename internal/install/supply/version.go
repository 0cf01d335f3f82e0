package supply

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
)

// VersionError is an exact version that the environment does not offer.
type VersionError struct {
	Spec agent.Spec
	// Nearest are those of what it does offer, the best first.
	Nearest []string
}

// Error says what there is instead.
func (e *VersionError) Error() string {
	s := fmt.Sprintf("the environment has no version %s of OneAgent (%s, %s)", e.Spec.Version, e.Spec.Flavor, e.Spec.Arch)
	if len(e.Nearest) == 0 {
		return s + ", nor any other"
	}
	return s + "; the nearest are " + strings.Join(e.Nearest, ", ")
}

// nearest is how many versions an error names.
const nearest = 3

// version returns which version the cluster will deliver. An exact one has to
// be among those that it lists, which keeps an agent from being newer than its
// cluster. One whose installer's digest is known has been there, so nothing is
// asked.
func version(ctx context.Context, client *deploy.Client, spec agent.Spec) (string, error) {
	if spec.Version == "" {
		return client.LatestVersion(ctx, spec.Flavor, spec.Arch)
	}
	if spec.Pinned {
		return spec.Version, nil
	}
	list, err := client.Versions(ctx, spec.Flavor, spec.Arch)
	var status *deploy.StatusError
	switch {
	case errors.As(err, &status) && status.Code == http.StatusNotFound:
		// A cluster without such a list says at the download what it lacks.
		return spec.Version, nil
	case err != nil:
		return "", err
	case slices.Contains(list, spec.Version):
		return spec.Version, nil
	}
	return "", &VersionError{Spec: spec, Nearest: Nearest(list, spec.Version, nearest)}
}

// Nearest returns the n versions of list that are nearest to v, the nearest
// first: those that have the most in common with it, and of those the newest.
func Nearest(list []string, v string, n int) []string {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b string) int {
		return cmp.Or(-cmp.Compare(common(a, v), common(b, v)), distance(a, v)-distance(b, v), -Compare(a, b))
	})
	return list[:min(n, len(list))]
}

// Compare orders versions, the oldest first.
func Compare(a, b string) int {
	return slices.Compare(numbers(a), numbers(b))
}

// numbers splits a version. What is no number counts as 0.
func numbers(v string) []int {
	var out []int
	for _, part := range strings.FieldsFunc(v, func(r rune) bool { return r == '.' || r == '-' }) {
		n, _ := strconv.Atoi(part)
		out = append(out, n)
	}
	return out
}

// common counts the leading parts that two versions share.
func common(a, b string) int {
	x, y := numbers(a), numbers(b)
	n := 0
	for n < min(len(x), len(y)) && x[n] == y[n] {
		n++
	}
	return n
}

// distance is how far the first parts that differ are apart.
func distance(a, b string) int {
	x, y := numbers(a), numbers(b)
	n := common(a, b)
	if n >= min(len(x), len(y)) {
		return 0
	}
	return max(x[n]-y[n], y[n]-x[n])
}

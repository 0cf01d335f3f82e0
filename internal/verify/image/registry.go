package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"

	"github.com/containerd/containerd/v2/core/remotes"
	"github.com/containerd/containerd/v2/core/remotes/docker"
	remoteserrors "github.com/containerd/containerd/v2/core/remotes/errors"
	"github.com/containerd/errdefs"
	"github.com/distribution/reference"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// registry is a repository of a registry.
type registry struct {
	fetcher remotes.Fetcher
}

func (r registry) open(ctx context.Context, desc ocispecs.Descriptor) (io.ReadCloser, error) {
	rc, err := r.fetcher.Fetch(ctx, desc)
	if err != nil {
		return nil, explain(err)
	}
	return explained{rc}, nil
}

// explained is a part that is asked for when it is first read.
type explained struct {
	io.ReadCloser
}

// Read reads on.
func (e explained) Read(p []byte) (int, error) {
	n, err := e.ReadCloser.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // io.Reader's own
		err = explain(err)
	}
	return n, err
}

// openRegistry opens an image by its name, as the docker command takes it.
func openRegistry(ctx context.Context, ref string, o Options) (*Image, error) {
	named, err := reference.ParseDockerRef(ref)
	if err != nil {
		return nil, fmt.Errorf("it is neither a file or folder, nor a name that an image can have: %w", err)
	}
	name := named.String()
	resolver := newResolver(o.UserAgent)
	name, root, err := resolver.Resolve(ctx, name)
	if err != nil {
		return nil, explain(err)
	}
	fetcher, err := resolver.Fetcher(ctx, name)
	if err != nil {
		return nil, explain(err)
	}
	img := &Image{Name: name, Digest: root.Digest}
	if _, err := read(ctx, img, registry{fetcher}, root, o); err != nil {
		return nil, err
	}
	return img, nil
}

// newResolver finds images with the credentials that docker has. A registry on
// this machine is talked to over plain HTTP.
func newResolver(userAgent string) remotes.Resolver {
	header := http.Header{"User-Agent": {userAgent}}
	return docker.NewResolver(docker.ResolverOptions{
		Headers: header,
		Hosts: docker.ConfigureDefaultRegistries(
			docker.WithPlainHTTP(docker.MatchLocalhost),
			docker.WithAuthorizer(docker.NewDockerAuthorizer(
				docker.WithAuthHeader(header),
				docker.WithAuthCreds(dockerCredentials()),
			)),
		),
	})
}

// query is the part of an address that holds signatures where a registry sends
// its client on to a store.
var query = regexp.MustCompile(`\?[^\s"]+`)

// explain says what to do about what a registry refused.
func explain(err error) error {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case isRefused(err):
		return fmt.Errorf("the registry refuses it: check its name, and log in with docker login (%s)", clean(err))
	case errdefs.IsNotFound(err):
		return fmt.Errorf("the registry does not have it (%s)", clean(err))
	}
	return errors.New(clean(err))
}

// isRefused reports whether a registry wants other credentials, or any. The
// client returns most answers by their status alone.
func isRefused(err error) bool {
	var status remoteserrors.ErrUnexpectedStatus
	if errors.As(err, &status) && (status.StatusCode == http.StatusUnauthorized || status.StatusCode == http.StatusForbidden) {
		return true
	}
	return errors.Is(err, docker.ErrInvalidAuthorization) || errdefs.IsUnauthorized(err) || errdefs.IsPermissionDenied(err)
}

func clean(err error) string { return query.ReplaceAllString(err.Error(), "?…") }

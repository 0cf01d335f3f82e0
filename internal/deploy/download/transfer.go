package download

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/org/dt-frontend/internal/deploy"
)

// client is the part of [deploy.Client] that a transfer needs.
type client interface {
	Get(ctx context.Context, path string, query url.Values, header http.Header) (*http.Response, error)
}

// transfer is an installer on its way, in as many tries as that takes.
type transfer struct {
	client   client
	request  Request
	begin    Begin
	observer Observer
	limits   limits
	delay    time.Duration

	begun     int // times
	file      io.WriteCloser
	got       int64  // bytes in file
	total     int64  // 0 or less where it is not known
	validator string // by which the rest can be asked for; or empty
}

// resumable reports whether the next try goes on where the last one ended.
func (t *transfer) resumable() bool { return t.got > 0 && t.validator != "" }

// try asks for what is missing, and writes it.
func (t *transfer) try(ctx context.Context) error {
	body, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if !t.resumable() {
		if err := t.restart(); err != nil {
			return err
		}
	}
	res, err := t.ask(body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	watch := newWatchdog(t.limits, cancel)
	defer watch.stop()
	in := bufio.NewReader(io.TeeReader(res.Body, watch))
	if t.got == 0 {
		if err := checkStart(in, t.request.Kind, res.Header); err != nil {
			return explain(body, err)
		}
	}
	return explain(body, t.copy(ctx, in))
}

// restart begins from zero.
func (t *transfer) restart() error {
	file, err := t.begin()
	if err != nil {
		return fmt.Errorf("writing the installer: %w", err)
	}
	t.begun++
	t.file, t.got, t.total, t.validator = file, 0, 0, ""
	return nil
}

// ask sends the request, and reads what kind of answer it gets.
func (t *transfer) ask(ctx context.Context) (*http.Response, error) {
	header := http.Header{"Accept": {"application/octet-stream"}}
	if t.resumable() {
		header.Set("Range", fmt.Sprintf("bytes=%d-", t.got))
		header.Set("If-Range", t.validator)
	}
	res, err := t.client.Get(ctx, t.request.path(), t.request.query(), header)
	var status *deploy.StatusError
	switch r := t.request; {
	case t.resumable() && errors.As(err, &status) && status.Code == http.StatusRequestedRangeNotSatisfiable:
		t.validator = ""
		return nil, &brokenError{cause: "the cluster does not have the rest of it"}
	case r.Spec.NetworkZone != "" && errors.As(err, &status) && status.Code == http.StatusBadRequest:
		return t.askWithoutZone(ctx)
	case errors.As(err, &status) && status.Code == http.StatusNotFound:
		return nil, fmt.Errorf("%s: %w, and whether the environment has this version", r, err)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", r, err)
	}
	if err := t.accept(res); err != nil {
		_ = res.Body.Close()
		return nil, err
	}
	return res, nil
}

// askWithoutZone is for a zone that the cluster does not know. Of connection
// info there is that of the default zone then; installers cannot be asked for
// in that way.
func (t *transfer) askWithoutZone(ctx context.Context) (*http.Response, error) {
	t.request.Spec.NetworkZone = ""
	res, err := t.ask(ctx)
	if err == nil {
		t.warn("the cluster has no installer for this network zone, and sends that of the default zone")
	}
	return res, err
}

// accept reads an answer's header. The whole instead of a part is begun again.
func (t *transfer) accept(res *http.Response) error {
	if res.StatusCode == http.StatusPartialContent {
		return t.acceptPart(res)
	}
	if t.got > 0 {
		if err := t.restart(); err != nil {
			return err
		}
		t.warn("the cluster sends the whole of it again")
	}
	t.total, t.validator = res.ContentLength, validator(res.Header)
	if t.total > maxInstaller {
		return fmt.Errorf("the cluster's installer has %d bytes; no installer of OneAgent is that large", t.total)
	}
	return nil
}

// copy writes a body behind what is there.
func (t *transfer) copy(ctx context.Context, in io.Reader) error {
	count := &counter{done: t.got, total: t.total, report: t.observer.Progress}
	n, err := io.Copy(io.MultiWriter(t.file, count), io.LimitReader(in, maxInstaller+1-t.got))
	t.got += n
	switch {
	case err != nil && ctx.Err() != nil:
		return t.ended(ctx)
	case err != nil && isReadError(err):
		return &brokenError{cause: describeReadError(err)}
	case err != nil:
		return fmt.Errorf("writing the installer: %w", err)
	case t.got > maxInstaller:
		return fmt.Errorf("the cluster's installer has more than %d bytes; no installer of OneAgent is that large", int64(maxInstaller))
	case t.total > 0 && t.got != t.total:
		t.validator = ""
		return &brokenError{cause: "the cluster sent another part than was asked for"}
	}
	if err := t.file.Close(); err != nil {
		return fmt.Errorf("writing the installer: %w", err)
	}
	return nil
}

// ended says how far a download came that was not to go on.
func (t *transfer) ended(ctx context.Context) error {
	if errors.Is(context.Cause(ctx), errLongest) {
		return fmt.Errorf("the download of the installer was ended after %s and %d bytes: look for what slows it down in between (a proxy, a firewall)", longest, t.got)
	}
	return fmt.Errorf("the download of the installer was ended after %d bytes: %w", t.got, ctx.Err())
}

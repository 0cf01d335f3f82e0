package start

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/org/dt-frontend/internal/agent"
)

// communication tells where the details are from, and how the cluster answered.
func (d *doctor) communication(ctx context.Context) {
	if d.source == nil {
		return
	}
	d.found.Source = d.source.Name
	if d.source.Details != nil {
		d.endpoints(ctx, d.source)
		return
	}
	d.found.Cluster = d.answer
}

// endpoints asks those that the user names: a start would not ask anybody.
func (d *doctor) endpoints(ctx context.Context, s *Source) {
	base, err := d.baseRequest(s)
	if err != nil {
		d.found.note("the communication endpoints are not asked: %v", err)
		return
	}
	list := agent.Endpoints(s.Details.ConnectionPoint)
	if len(list) == 0 {
		d.found.addMissing(fmt.Errorf("no communication endpoint in %s", s.Name))
		return
	}
	var errs []string
	began := time.Now()
	for i, one := range list {
		name := fmt.Sprintf("endpoint %d of %s", i+1, varConnectionPoint)
		began = time.Now()
		_, err = ask(ctx, base.Timeout, grace, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, d.in.Cluster.Probe(ctx, base, one, name)
		})
		if err == nil {
			break
		}
		errs = append(errs, err.Error())
	}
	d.found.Cluster = answered(began, err)
	if err != nil {
		d.found.addMissing(fmt.Errorf("no communication endpoint answers: %s", strings.Join(errs, "; ")))
		return
	}
	for _, e := range errs {
		d.found.note("%s", e)
	}
}

// offer is an answer to which versions of the agent an environment offers.
type offer struct {
	versions []string
	err      error
}

// lists reports whether the environment offers a version, or nil if that is
// unknown. It asks once.
func (d *doctor) lists(ctx context.Context, r Request, version string) *bool {
	if d.offer == nil {
		list, err := ask(ctx, r.Timeout, grace, func(ctx context.Context) ([]string, error) {
			return d.in.Cluster.Versions(ctx, r, d.settings.Flavor, d.settings.Arch)
		})
		d.offer = &offer{list, err}
	}
	if d.offer.err != nil || version == "" {
		return nil
	}
	listed := slices.Contains(d.offer.versions, version)
	return &listed
}

// versions asks what the environment offers.
func (d *doctor) versions(ctx context.Context) {
	r := d.versionRequest()
	if r == nil || d.settings.Flavor == "" {
		return
	}
	var (
		wg  sync.WaitGroup
		err error
	)
	wg.Go(func() {
		d.found.Target, err = ask(ctx, r.Timeout, grace, func(ctx context.Context) (string, error) {
			return d.in.Cluster.LatestVersion(ctx, *r, d.settings.Flavor, d.settings.Arch)
		})
	})
	d.lists(ctx, *r, "")
	wg.Wait()
	if err != nil {
		d.found.note("the environment's target version is unknown: %v", err)
	}
	if d.found.Version == "" {
		d.found.Version = d.found.Target
	}
	if d.offer.err != nil {
		d.found.note("which versions the environment offers is unknown: %v", d.offer.err)
	}
	d.found.Listed = d.lists(ctx, *r, d.found.Version)
}

// versionRequest returns what further questions are asked with, or nil: that of
// the start, unless nobody answered, or what a start does not need.
func (d *doctor) versionRequest() *Request {
	switch {
	case d.source == nil, d.answer != nil && !d.answer.Answered:
		return nil
	case d.request != nil, d.source.Details == nil, d.settings.Mode == agent.ModeRuntime:
		return d.request
	}
	r, err := d.download(d.source)
	if err != nil {
		d.found.note("the environment is not asked: %v", err)
	}
	return r
}

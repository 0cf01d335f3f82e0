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

// cluster asks for what a start would ask for, and returns what further
// questions can be asked with.
func (d *doctor) cluster(ctx context.Context, s *Source) *Request {
	r, err := d.download(s)
	if err != nil && s.Details != nil && d.settings.Mode != agent.ModeRuntime {
		// A start has nothing to ask for, and does not even look.
		d.found.note("the environment is not asked: %v", err)
		r, err = nil, nil
	}
	if err != nil {
		d.found.lacks(err)
		return nil
	}
	if s.Details != nil {
		d.endpoints(ctx, s)
		return r
	}
	began := time.Now()
	_, err = d.connection(ctx, s, *r)
	d.found.answer(began, err)
	d.found.lacks(err)
	if err != nil {
		return nil
	}
	return r
}

// endpoints asks those that the user names: a start would not ask anybody.
func (d *doctor) endpoints(ctx context.Context, s *Source) {
	way, err := d.way(s)
	if err != nil {
		d.found.note("the communication endpoints are not asked: %v", err)
		return
	}
	list := agent.Endpoints(s.Details.ConnectionPoint)
	if len(list) == 0 {
		d.found.lacks(fmt.Errorf("no communication endpoint in %s", s.Name))
		return
	}
	var errs []string
	began := time.Now()
	for i, one := range list {
		name := fmt.Sprintf("endpoint %d of %s", i+1, varConnectionPoint)
		began = time.Now()
		_, err = ask(ctx, way.Timeout, grace, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, d.in.Cluster.Reach(ctx, way, one, name)
		})
		if err == nil {
			break
		}
		errs = append(errs, err.Error())
	}
	d.found.answer(began, err)
	if err != nil {
		d.found.lacks(fmt.Errorf("no communication endpoint answers: %s", strings.Join(errs, "; ")))
		return
	}
	for _, e := range errs {
		d.found.note("%s", e)
	}
}

// versions asks what the environment offers.
func (d *doctor) versions(ctx context.Context, r Request) {
	var (
		wg                 sync.WaitGroup
		list               []string
		listErr, targetErr error
		s                  = d.settings
	)
	wg.Go(func() {
		list, listErr = ask(ctx, r.Timeout, grace, func(ctx context.Context) ([]string, error) {
			return d.in.Cluster.Versions(ctx, r, s.Flavor, s.Arch)
		})
	})
	wg.Go(func() {
		d.found.Target, targetErr = ask(ctx, r.Timeout, grace, func(ctx context.Context) (string, error) {
			return d.in.Cluster.LatestVersion(ctx, r, s.Flavor, s.Arch)
		})
	})
	wg.Wait()
	if targetErr != nil {
		d.found.note("the environment's target version is unknown: %v", targetErr)
	}
	if d.found.Version == "" {
		d.found.Version = d.found.Target
	}
	switch {
	case listErr != nil:
		d.found.note("which versions the environment offers is unknown: %v", listErr)
	case d.found.Version != "":
		listed := slices.Contains(list, d.found.Version)
		d.found.Listed = &listed
	}
}

package start

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/start/provision"
)

// cleanup is what an installation gets to remove what it cannot finish, at
// most half of its time, which it is taken from.
const cleanup = time.Second

func reserve(limit time.Duration) time.Duration { return min(cleanup, limit/2) }

// errNoDownload is for those who give what the agent needs and nothing for us.
var errNoDownload = errors.New("the agent is not in place, and there is nothing to download it with: set " + varAPIToken + " and " + varTenant + " (and " + varAPIURL + ") beside the agent variables")

// provide is the end of monitor in run-time mode: it has the agent installed
// first.
func (p *planner) provide(ctx context.Context, source *Source) {
	limit := p.timeout(varDownloadTimeout, DefaultDownloadTimeout)
	ctx, cancel := context.WithTimeout(ctx, limit-reserve(limit))
	defer cancel()
	if _, err := p.given(varAgentDir); p.stopsAt(err) {
		return
	}
	r, err := p.download(source)
	if err != nil {
		p.stopsAt(err)
		return
	}
	details, err := p.placeAgent(ctx, source, r, limit)
	if err != nil {
		p.stopsAt(err)
		return
	}
	p.plan.Log.debug(fmt.Sprintf("OneAgent %s is in %s", p.agent.Version, p.agent.Dir))
	p.settings.Preload = p.agent.Preload
	p.apply(source, details, p.agent.Dir)
}

// placeAgent has the agent in place and returns the details for it.
func (p *planner) placeAgent(ctx context.Context, source *Source, r *Request, limit time.Duration) (*Details, error) {
	// Side by side: the app waits for both.
	var (
		version    string
		versionErr error
		asked      = make(chan struct{})
	)
	go func() {
		defer close(asked)
		version, versionErr = p.version(ctx, r)
	}()
	details := source.Details
	if details == nil {
		var err error
		if details, err = p.connection(ctx, source, *r); err != nil {
			// What would the agent be good for.
			return nil, err
		}
	}
	<-asked
	a, err := p.findOrInstall(ctx, r, p.order(version), limit, versionErr)
	p.agent = a
	return details, err
}

// download returns what the agent is downloaded with: the source's API details
// or, where it is the agent variables, those of another source that names the
// same environment. It returns nil where there are none.
func (p *planner) download(s *Source) (*Request, error) {
	if s.Details != nil {
		found := s
		s = nil
		for _, find := range finders()[1:] {
			other, err := find(p)
			if err == nil && other != nil && other.Details == nil && strings.EqualFold(other.tenant(), found.tenant()) {
				s = other
				break
			}
		}
	}
	if s == nil {
		return nil, nil
	}
	r, err := p.newRequest(s)
	if err != nil {
		return nil, err
	}
	return &r, nil
}

// version returns the version to install: the build's, or the environment's
// target version.
func (p *planner) version(ctx context.Context, r *Request) (string, error) {
	switch {
	case p.settings.Version != "":
		return p.settings.Version, nil
	case r == nil:
		return "", errNoDownload
	}
	v, err := ask(ctx, r.Timeout, grace, func(ctx context.Context) (string, error) {
		return p.in.Cluster.LatestVersion(ctx, *r, p.settings.Flavor, p.settings.Arch)
	})
	if err != nil {
		return "", fmt.Errorf("asking for the version of OneAgent (%s, %s): %w", p.settings.Flavor, p.settings.Arch, p.nameTimeout(err, varTimeout, r.Timeout))
	}
	return v, nil
}

// findOrInstall returns the agent that is in place or installs it. Where that fails, one
// of another version that is in place is better than none, unless the build
// wants a certain one.
func (p *planner) findOrInstall(ctx context.Context, r *Request, o provision.Order, limit time.Duration, err error) (*provision.Agent, error) {
	if err == nil {
		if a, ok := p.in.Installer.Find(o); ok {
			return a, nil
		}
		err = errNoDownload
	}
	if r != nil && o.Version != "" {
		var a *provision.Agent
		if a, err = p.install(ctx, *r, o, limit); err == nil {
			return a, nil
		}
	}
	o.Version = p.settings.Version
	if a, ok := p.in.Installer.Find(o); ok {
		if !errors.Is(err, errNoDownload) {
			p.plan.Log.add(levelWarn, fmt.Sprintf("OneAgent %s, which is in place, is used: %v", a.Version, err))
		}
		return a, nil
	}
	return nil, err
}

// order is the agent that the image is to get.
func (p *planner) order(version string) provision.Order {
	// What is wrong with it is said already.
	dir, _ := p.given(varAgentDir)
	return provision.Order{
		Spec:    agent.Spec{Arch: p.settings.Arch, Flavor: p.settings.Flavor, Include: p.settings.Include},
		Version: version,
		FIPS:    p.settings.FIPS || p.source != nil && p.source.FIPS,
		Dir:     dir,
	}
}

func (p *planner) installAgent(ctx context.Context, r Request, o provision.Order, limit time.Duration) (*provision.Agent, error) {
	// What there is to say is said before the app has to wait.
	if p.in.Stderr != nil {
		p.plan.Log.Write(p.in.Stderr)
	}
	a, err := ask(ctx, limit, reserve(limit), func(ctx context.Context) (*provision.Agent, error) {
		return p.in.Installer.Install(ctx, r, o, p.say)
	})
	switch {
	case errors.Is(err, errLate), errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("the agent was not installed in time (%s=%s)", varDownloadTimeout, limit)
	case err != nil:
		return nil, fmt.Errorf("installing the agent: %s", p.plan.Log.secrets.Line(err.Error()))
	}
	return a, nil
}

// say prints a line at once.
func (p *planner) say(text string) {
	if p.in.Stderr == nil {
		return
	}
	l := Log{format: p.options.log, secrets: p.plan.Log.secrets}
	l.add(levelInfo, text)
	l.Write(p.in.Stderr)
}

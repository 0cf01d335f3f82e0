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
var errNoDownload = errors.New("the agent is not in place, and there is nothing to download it with: set DT_API_TOKEN and DT_TENANT (and DT_API_URL) beside the agent variables")

// provide is monitor in run-time mode: it has the agent installed first.
func (p *planner) provide(ctx context.Context, source *Source) error {
	limit := p.timeout(varDownloadTimeout, DefaultDownloadTimeout)
	ctx, cancel := context.WithTimeout(ctx, limit-reserve(limit))
	defer cancel()
	if _, err := p.given(varAgentDir); err != nil {
		return err
	}
	r, err := p.download(source)
	if err != nil {
		return err
	}
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
		details, err = p.connection(ctx, source, *r)
	}
	if err != nil {
		// What would the agent be good for.
		return err
	}
	<-asked
	o := p.order(version)
	o.FIPS = source.FIPS || p.settings.FIPS
	a, err := p.agent(ctx, r, o, limit, details, versionErr)
	if err != nil {
		return err
	}
	p.plan.Log.debug(fmt.Sprintf("OneAgent %s is in %s", a.Version, a.Dir))
	p.settings.Preload = a.Preload
	p.apply(source, details, a.Dir)
	return nil
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
	r, err := p.request(s)
	return &r, err
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
		return "", fmt.Errorf("asking for the version of OneAgent (%s, %s): %w", p.settings.Flavor, p.settings.Arch, p.late(err, varTimeout, r.Timeout))
	}
	return v, nil
}

// agent returns the one that is in place or installs it. Where that fails, one
// of another version that is in place is better than none, unless the build
// wants a certain one.
func (p *planner) agent(ctx context.Context, r *Request, o provision.Order, limit time.Duration, d *Details, err error) (*provision.Agent, error) {
	if err == nil {
		if a, ok := p.in.Installer.Find(o); ok {
			return a, nil
		}
		err = errNoDownload
	}
	if r != nil && o.Version != "" {
		var a *provision.Agent
		if a, err = p.install(ctx, *r, o, limit, d); err == nil {
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

func (p *planner) order(version string) provision.Order {
	return provision.Order{
		Spec:    agent.Spec{Arch: p.settings.Arch, Flavor: p.settings.Flavor, Include: p.settings.Include},
		Version: version,
		Dir:     p.user.trimmed(varAgentDir),
	}
}

func (p *planner) install(ctx context.Context, r Request, o provision.Order, limit time.Duration, d *Details) (*provision.Agent, error) {
	// What there is to say is said before the app has to wait.
	if p.in.Stderr != nil {
		p.plan.Log.Write(p.in.Stderr)
	}
	// An installer may print what was put into it.
	hide := strings.NewReplacer(r.Credentials.Token, "***", d.TenantToken, "***")
	a, err := ask(ctx, limit, reserve(limit), func(ctx context.Context) (*provision.Agent, error) {
		return p.in.Installer.Install(ctx, r, o, func(text string) { p.say(hide.Replace(text)) })
	})
	switch {
	case errors.Is(err, errLate), errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("the agent was not installed in time (%s=%s)", varDownloadTimeout, limit)
	case err != nil:
		return nil, fmt.Errorf("installing the agent: %s", hide.Replace(err.Error()))
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

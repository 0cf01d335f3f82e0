package start

import (
	"context"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
)

// Cluster answers requests, each on its own.
type Cluster interface {
	ConnectionInfo(context.Context, Request) (*deploy.ConnectionInfo, error)
	// LatestVersion is asked for in run-time mode.
	LatestVersion(context.Context, Request, agent.Flavor, agent.Arch) (string, error)
	// Versions and Probe are for [Diagnose].
	Versions(context.Context, Request, agent.Flavor, agent.Arch) ([]string, error)
	// Probe asks a communication endpoint, which the error calls by name.
	Probe(ctx context.Context, r Request, endpoint, name string) error
}

// Request is what a cluster is asked with.
type Request struct {
	Credentials deploy.Credentials
	NetworkZone string
	// Version is the agent's exact version, or empty while it is unknown.
	Version string
	// RootCAs is PEM, added to the system's.
	RootCAs []byte
	// Proxy is empty where the environment's HTTPS_PROXY counts.
	Proxy string
	// Timeout bounds all of it.
	Timeout time.Duration
}

// Deployment returns the Cluster that asks the Deployment API.
func Deployment(userAgent string) Cluster { return deployment(userAgent) }

type deployment string

func (d deployment) client(r Request) (*deploy.Client, error) {
	return deploy.New(r.Credentials, d.options(r))
}

func (d deployment) options(r Request) deploy.Options {
	return deploy.Options{
		RootCAs:   r.RootCAs,
		Proxy:     r.Proxy,
		UserAgent: string(d),
		Timeout:   r.Timeout,
	}
}

func (d deployment) Probe(ctx context.Context, r Request, endpoint, name string) error {
	return deploy.Probe(ctx, endpoint, name, d.options(r))
}

func (d deployment) ConnectionInfo(ctx context.Context, r Request) (*deploy.ConnectionInfo, error) {
	c, err := d.client(r)
	if err != nil {
		return nil, err
	}
	return c.ConnectionInfo(ctx, r.NetworkZone, r.Version)
}

func (d deployment) LatestVersion(ctx context.Context, r Request, f agent.Flavor, a agent.Arch) (string, error) {
	c, err := d.client(r)
	if err != nil {
		return "", err
	}
	return c.LatestVersion(ctx, f, a)
}

func (d deployment) Versions(ctx context.Context, r Request, f agent.Flavor, a agent.Arch) ([]string, error) {
	c, err := d.client(r)
	if err != nil {
		return nil, err
	}
	return c.Versions(ctx, f, a)
}

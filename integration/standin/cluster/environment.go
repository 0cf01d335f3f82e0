package cluster

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Environment is one tenant of a server.
type Environment struct {
	server      *Server
	name        string // ties its random choices to the server's seed
	id          string
	token       string
	tenantToken string
	marker      string
	hosts       []string // of the endpoints that do not exist
	settings    settings

	mu         sync.Mutex
	address    string              // of SetEndpoint
	scopes     map[string][]string // by API token
	faults     []*Fault
	installers map[string]*installer
	made       []Installer
	checkIns   []CheckIn
	checkedIn  chan struct{} // closed and replaced at each check-in

	stalled atomic.Int64
}

// AddEnvironment makes an environment with an identity and tokens of its own.
func (s *Server) AddEnvironment(opts ...EnvironmentOption) *Environment {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := &Environment{
		server:      s,
		name:        fmt.Sprintf("%d/%d", s.options.Seed, len(s.environments)),
		id:          secret(3, lower) + secret(5, lower+digits),
		token:       newToken(),
		tenantToken: secret(1, upper) + secret(27, upper+lower+digits),
		marker:      secret(16, lower),
		settings:    defaultSettings(),
		installers:  map[string]*installer{},
		checkedIn:   make(chan struct{}),
	}
	e.scopes = map[string][]string{e.token: {ScopeInstallerDownload}}
	for i := range 2 {
		e.hosts = append(e.hosts, fmt.Sprintf("sg-%s-%s-prod42-%s.live.example.invalid",
			[]string{"eu", "us"}[i], secret(10, lower+digits), secret(6, lower)))
	}
	e.hosts = append(e.hosts, e.id+".live.example.invalid")
	for _, o := range opts {
		o(&e.settings)
	}
	s.environments = append(s.environments, e)
	return e
}

// ID is the environment id, which the API calls tenantUUID.
func (e *Environment) ID() string { return e.id }

// APIURL is what users give as DT_API_URL. The server has to be started.
func (e *Environment) APIURL() string { return e.base() + "/api" }

// APIToken is what users give as DT_API_TOKEN.
func (e *Environment) APIToken() string { return e.token }

// TenantToken is the token by which agents, not users, prove themselves.
func (e *Environment) TenantToken() string { return e.tenantToken }

// Marker is random, no secret, and stands in the environment's agents alone, at
// agent/bin/VERSION/marker: it tells whose agent an image holds.
func (e *Environment) Marker() string { return e.marker }

// Endpoints are the communication endpoints, the best first. Only that one,
// this server, answers.
func (e *Environment) Endpoints() []string {
	return e.endpoints("")
}

// SetEndpoint makes url the best of the communication endpoints, for a front
// with TLS that hands all on to the server. It must be called before an
// installer is made.
func (e *Environment) SetEndpoint(url string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.address = url
}

// EndpointHosts are the hosts of Endpoints, with their ports where these are
// given.
func (e *Environment) EndpointHosts() []string {
	var hosts []string
	for _, endpoint := range e.Endpoints() {
		if u, err := url.Parse(endpoint); err == nil {
			hosts = append(hosts, u.Host)
		}
	}
	return hosts
}

// Secret is a value that must stand nowhere in what a build leaves behind.
type Secret struct {
	Name, Value string
}

// Secrets are all values that tie an agent to this environment.
func (e *Environment) Secrets() []Secret {
	secrets := []Secret{
		{"API token", e.token},
		{"tenant token", e.tenantToken},
		{"environment id", e.id},
	}
	for _, host := range e.EndpointHosts() {
		secrets = append(secrets, Secret{"endpoint host", host})
	}
	return secrets
}

func (e *Environment) base() string { return e.server.URL() + "/e/" + e.id }

// endpoints are those for agents in a network zone; its own are preferred.
func (e *Environment) endpoints(zone string) []string {
	e.mu.Lock()
	own := e.address
	e.mu.Unlock()
	if own == "" {
		own = e.server.URL() + communication
	}
	endpoints := []string{own}
	if zone != "" {
		endpoints = append(endpoints, "https://"+zone+"."+e.hosts[0]+":9999/communication")
	}
	last := len(e.hosts) - 1
	for _, host := range e.hosts[:last] {
		endpoints = append(endpoints, "https://"+host+"/communication")
	}
	// The last one is the environment's own address, which has no path.
	return append(endpoints, "https://"+e.hosts[last]+":443")
}

// endpointGroups are the endpoints as agents since 1.207 are given them: those of
// the zone or, without one, the best, and all others.
func (e *Environment) endpointGroups(zone string) [][]string {
	all := e.endpoints(zone)
	first := 1
	if zone != "" {
		first = 2
	}
	return [][]string{all[:first], all[first:]}
}

// grouped writes groups of endpoints, of which the first is the current one.
func grouped(groups [][]string) string {
	var b strings.Builder
	for i, group := range groups {
		mark := ""
		if i == 0 {
			mark = "*"
		}
		b.WriteString("{" + mark + strings.Join(group, ";") + "}")
	}
	return b.String()
}

// AddToken makes a further API token. Without the scope ScopeInstallerDownload
// it is refused with 403.
func (e *Environment) AddToken(scopes ...string) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	token := newToken()
	e.scopes[token] = slices.Clone(scopes)
	return token
}

// RevokeToken makes an API token unknown from now on.
func (e *Environment) RevokeToken(token string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.scopes, token)
}

func (e *Environment) scopesOf(token string) ([]string, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	scopes, ok := e.scopes[token]
	return scopes, ok
}

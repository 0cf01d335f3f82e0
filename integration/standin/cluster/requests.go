package cluster

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// OwnerUnknown is the owner of a token that no environment has.
const OwnerUnknown = "unknown"

// Request is what a server noted of one request. It holds no secret unless the
// client put one into the query.
type Request struct {
	Time     time.Time
	Duration time.Duration
	Method   string
	Endpoint Endpoint
	// Environment is the one in the path or, with a check-in, the tenant of the
	// credentials, known or not.
	Environment string
	// Owner is the environment whose API token was sent or, with a check-in,
	// whose tenant token; OwnerUnknown if no one's; empty without a token.
	Owner string
	// TokenInQuery says that an API token stood in the URL.
	TokenInQuery bool
	// Foreign are the other environments whose id, marker or tokens stood
	// anywhere in the request's URL or headers. There should never be any.
	Foreign   []string
	Version   string // asked for; empty is latest
	Query     url.Values
	UserAgent string
	Status    int
	Bytes     int64 // of the body that was sent
}

// Requests are all requests to the server that have been answered, in order.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Requests are those with this environment in the path.
func (e *Environment) Requests() []Request {
	return slices.DeleteFunc(e.server.Requests(), func(r Request) bool { return r.Environment != e.id })
}

// Count is how many requests an endpoint of this environment has answered.
func (e *Environment) Count(endpoint Endpoint) int {
	n := 0
	for _, r := range e.Requests() {
		if r.Endpoint == endpoint {
			n++
		}
	}
	return n
}

// newRequest notes what is known of a request before it is answered.
func (s *Server) newRequest(r *http.Request, to route) Request {
	token, inQuery := apiToken(r)
	req := Request{
		Time: time.Now(), Method: r.Method, Endpoint: to.endpoint, Environment: to.environment,
		TokenInQuery: inQuery, Version: to.version, Query: r.URL.Query(), UserAgent: r.UserAgent(),
	}
	has := func(e *Environment) bool { _, ok := e.scopesOf(token); return ok }
	if to.endpoint == EndpointCommunication {
		_, token, _ = r.BasicAuth()
		has = func(e *Environment) bool { return e.tenantToken == token }
	}
	if token != "" {
		req.Owner = OwnerUnknown
	}
	text := r.URL.String()
	for _, values := range r.Header {
		text += "\x00" + strings.Join(values, "\x00")
	}
	if user, password, ok := r.BasicAuth(); ok {
		text += "\x00" + user + "\x00" + password
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.environments {
		if token != "" && has(e) {
			req.Owner = e.id
		}
		if e.id != to.environment && e.isIn(text) {
			req.Foreign = append(req.Foreign, e.id)
		}
	}
	return req
}

// isIn says whether text holds anything of the environment's own.
func (e *Environment) isIn(text string) bool {
	return slices.ContainsFunc([]string{e.id, e.marker, e.token, e.tenantToken}, func(s string) bool {
		return strings.Contains(text, s)
	})
}

// noted adds an answered request to the log.
func (s *Server) noted(req Request, w *response) {
	req.Duration = time.Since(req.Time)
	req.Status, req.Bytes = w.status, w.bytes
	s.mu.Lock()
	s.requests = append(s.requests, req)
	s.mu.Unlock()
	s.options.Logf("%s %s %s: %d, %d bytes", req.Method, req.Environment, req.Endpoint, req.Status, req.Bytes)
}

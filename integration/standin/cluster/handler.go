package cluster

import (
	"net/http"
	"slices"
)

// ServeHTTP answers for all environments.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == checkInsPath {
		s.serveCheckIns(w)
		return
	}
	to := parseRoute(r.URL.Path)
	if to.endpoint == EndpointCommunication {
		to.environment, _, _ = r.BasicAuth()
	}
	req := s.newRequest(r, to)
	res := &response{ResponseWriter: w, request: r, stop: s.stop}
	defer func() { s.noted(req, res) }()
	defer res.end()

	if err := s.serve(res, r, to); err != nil {
		err.write(res)
	}
}

func (s *Server) serve(w *response, r *http.Request, to route) *apiError {
	e := s.environment(to.environment)
	if e == nil && to.endpoint == EndpointCommunication {
		w.Header().Set("WWW-Authenticate", "Basic")
		w.WriteHeader(http.StatusUnauthorized)
		return nil
	}
	if e == nil || to.endpoint == EndpointUnknown {
		return errorf(http.StatusNotFound, "Not found")
	}
	fault := e.takeFault(to.endpoint)
	if fault.Kind == FaultEcho {
		return echo(r)
	}
	if fault.failStatus(w) {
		return nil
	}
	w.fault, w.stalled = fault, &e.stalled
	switch fault.Kind {
	case FaultSilent:
		w.stall()
		panic(http.ErrAbortHandler)
	case FaultGzip:
		// Who packs on the way asks for the whole.
		r.Header.Del("Range")
	}
	switch to.endpoint {
	case EndpointSnoop:
		w.WriteHeader(http.StatusNoContent)
		return nil
	case EndpointCommunication:
		e.serveCommunication(w, r)
		return nil
	}
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		return errorf(http.StatusMethodNotAllowed, "Method not allowed")
	}
	if err := e.authorize(r); err != nil {
		return err
	}
	switch to.endpoint {
	case EndpointConnectionInfo:
		return e.serveConnectionInfo(w, r)
	case EndpointEndpoints:
		return e.serveEndpoints(w, r)
	case EndpointModuleConfig:
		return e.serveModuleConfig(w, r)
	}
	q, err := e.parseQuery(to, r.URL.Query())
	if err != nil {
		return err
	}
	switch to.endpoint {
	case EndpointMetainfo:
		return e.serveMetainfo(w, q)
	case EndpointChecksum:
		return e.serveChecksum(w, q, fault.Kind)
	case EndpointVersions:
		return e.serveVersions(w, q)
	default:
		return e.serveInstaller(w, r, q, fault.Kind)
	}
}

func (s *Server) environment(id string) *Environment {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.environments, func(e *Environment) bool { return e.id == id })
	if i < 0 {
		return nil
	}
	return s.environments[i]
}

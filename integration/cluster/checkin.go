package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

const (
	headerTenant      = "X-Tenant"
	headerTenantToken = "X-Tenant-Token"
	checkInsPath      = "/_standin/checkins"
)

// CheckIn is one process with an agent in it that reported to an environment.
type CheckIn struct {
	Time    time.Time `json:"time"`
	Process string    `json:"process"`
	PID     int       `json:"pid"`
	Args    string    `json:"-"` // may hold the app's own secrets
	Tenant  string    `json:"tenant"`
	// Accepted says that tenant and tenant token were this environment's.
	Accepted bool `json:"accepted"`
}

func (e *Environment) serveCommunication(w http.ResponseWriter, r *http.Request) *apiError {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return errorf(http.StatusMethodNotAllowed, "Method not allowed")
	}
	var body struct {
		Process string `json:"process"`
		PID     int    `json:"pid"`
		Args    string `json:"args"`
	}
	if err := json.NewDecoder(io.LimitReader(r.Body, 1<<16)).Decode(&body); err != nil {
		return errorf(http.StatusBadRequest, "The check-in is no JSON document")
	}
	c := CheckIn{
		Time: time.Now(), Process: body.Process, PID: body.PID, Args: body.Args, Tenant: r.Header.Get(headerTenant),
	}
	c.Accepted = c.Tenant == e.id && r.Header.Get(headerTenantToken) == e.tenantToken

	e.mu.Lock()
	e.checkIns = append(e.checkIns, c)
	close(e.checkedIn)
	e.checkedIn = make(chan struct{})
	e.mu.Unlock()
	if !c.Accepted {
		return errorf(http.StatusForbidden, "Tenant and tenant token are not those of this environment")
	}
	writeJSON(w, http.StatusOK, struct{}{})
	return nil
}

// CheckIns are all check-ins at this environment's endpoint, in order.
func (e *Environment) CheckIns() []CheckIn {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.checkIns)
}

// WaitCheckIn returns the first accepted check-in that matches, and waits for
// it until ctx ends. A nil match takes any.
func (e *Environment) WaitCheckIn(ctx context.Context, match func(CheckIn) bool) (CheckIn, error) {
	for {
		e.mu.Lock()
		seen, next := e.checkIns, e.checkedIn
		e.mu.Unlock()
		for _, c := range seen {
			if c.Accepted && (match == nil || match(c)) {
				return c, nil
			}
		}
		select {
		case <-next:
		case <-ctx.Done():
			return CheckIn{}, fmt.Errorf("waiting for a check-in, none of %d matches: %w", len(seen), ctx.Err())
		}
	}
}

// serveCheckIns is no part of a real cluster: it shows people who checked in.
func (s *Server) serveCheckIns(w http.ResponseWriter) {
	s.mu.Lock()
	environments := slices.Clone(s.environments)
	s.mu.Unlock()
	all := []CheckIn{}
	for _, e := range environments {
		all = append(all, e.CheckIns()...)
	}
	writeJSON(w, http.StatusOK, all)
}

package cluster

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"

	standin "github.com/org/dt-frontend/integration/standin/agent"
)

const (
	checkInsPath  = "/_standin/checkins"
	communication = "/communication"
)

// userAgent is the form in which the vendor's agent names itself:
// ruxit/<version> 0x<id> <tenant>.
var userAgent = regexp.MustCompile(`^ruxit/(\S+) 0x([0-9a-fA-F]+) (\S+)$`)

// CheckIn is one POST of an agent to the communication endpoint. Its body is
// not kept.
type CheckIn struct {
	Time time.Time `json:"time"`
	// Tenant is the user of the Basic credentials.
	Tenant string `json:"tenant"`
	// Accepted says that tenant and tenant token were this environment's.
	Accepted bool `json:"accepted"`
	// Version is the agent's, and AgentTenant is the tenant that it says it
	// works for, as User-Agent has them. Both are empty if the header has
	// another form.
	Version     string `json:"version"`
	AgentTenant string `json:"agentTenant"`
	// Size is how many bytes the agent sent.
	Size int64 `json:"size"`

	// What only the stand-in for the agent tells, in its body.
	Process string `json:"process"`
	PID     int    `json:"pid"`
	Args    string `json:"-"` // may hold the app's own secrets
	// Trusts is the SHA-256 of the file with certificates that the agent would
	// trust, in hex, and empty without one.
	Trusts string `json:"trusts"`
}

// serveCommunication answers agents. The vendor's agent (1.307.59, run against
// this) sends HEAD and then POST, to /communication where an endpoint has no
// path, and goes on after an empty 200. It sends POST after a HEAD that got 401,
// too, and then gives up. That a cluster answers wrong credentials with 401 is
// not documented.
func (e *Environment) serveCommunication(w http.ResponseWriter, r *http.Request) {
	tenant, token, _ := r.BasicAuth()
	accepted := tenant == e.id && token == e.tenantToken
	switch r.Method {
	case http.MethodHead:
	case http.MethodPost:
		c, err := readCheckIn(r)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		c.Tenant, c.Accepted = tenant, accepted
		e.addCheckIn(c)
	default:
		w.Header().Set("Allow", http.MethodHead+", "+http.MethodPost)
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Content-Length", "0")
	if !accepted {
		w.Header().Set("WWW-Authenticate", "Basic")
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// readCheckIn reads a body to its end, as an agent may send megabytes, and keeps
// nothing of what the vendor's agent sends in it.
func readCheckIn(r *http.Request) (CheckIn, error) {
	c := CheckIn{Time: time.Now()}
	head, err := io.ReadAll(io.LimitReader(r.Body, 4096))
	if err != nil {
		return c, fmt.Errorf("reading a check-in: %w", err)
	}
	rest, err := io.Copy(io.Discard, r.Body)
	if err != nil {
		return c, fmt.Errorf("reading a check-in: %w", err)
	}
	c.Size = int64(len(head)) + rest
	if m := userAgent.FindStringSubmatch(r.UserAgent()); m != nil {
		c.Version, c.AgentTenant = m[1], m[3]
	}
	if f := bytes.SplitN(head, []byte{0}, 5); len(f) == 5 && string(f[0]) == standin.BodyMagic {
		c.Process, c.Trusts, c.Args = string(f[1]), string(f[3]), string(f[4])
		c.PID, _ = strconv.Atoi(string(f[2]))
	}
	return c, nil
}

func (e *Environment) addCheckIn(c CheckIn) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.checkIns = append(e.checkIns, c)
	close(e.checkedIn)
	e.checkedIn = make(chan struct{})
}

// CheckIns are all check-ins with this environment as tenant, in order.
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

package start

import (
	"errors"
	"fmt"
	"io"

	"github.com/org/dt-frontend/internal/agent/variable"
	"github.com/org/dt-frontend/internal/scan"
)

// Source is one complete set of communication details.
type Source struct {
	// Name says to a person where it is from.
	Name string
	// Details is what the agent needs, where it is known without asking.
	Details *Details
	// api is for asking, where Details is nil.
	api apiDetails
	// Steering names the variables that say where the token is sent.
	Steering []string
	// NetworkZone is the source's own; DT_NETWORK_ZONE goes before it.
	NetworkZone string
	// FIPS asks for an agent in FIPS mode, which only an installation can give.
	FIPS bool
	// OnError is what the source asks for, unless DT_START_ON_ERROR does.
	OnError onError
	// Defaults are further variables for the agent, in pairs.
	Defaults []string
	// Warnings are for whoever bound the service.
	Warnings []string
}

// Details are the agent's three variables.
type Details struct {
	Tenant, TenantToken, ConnectionPoint string
}

// Format keeps the token out of whatever prints s, by any verb.
func (s Source) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "start.Source{%q, "+scan.Hidden+"}", s.Name)
}

// Format keeps the token out of whatever prints d, by any verb.
func (d Details) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "start.Details{"+scan.Hidden+"}")
}

func (s *Source) tenant() string {
	if s.Details != nil {
		return s.Details.Tenant
	}
	return s.api.given.Tenant
}

// preset returns the source's own value of a variable, or nothing.
func (s *Source) preset(name string) string {
	for i := 0; i+1 < len(s.Defaults); i += 2 {
		if s.Defaults[i] == name {
			return s.Defaults[i+1]
		}
	}
	return ""
}

// finder looks for one kind of source. It returns nil where there is none, an
// incompleteError where something is missing, and any other error where it
// cannot be told which of several is meant.
type finder func(*planner) (*Source, error)

// finders are in order of precedence.
func finders() []finder {
	return []finder{agentVariables, apiVariables, cloudFoundry, serviceBinding}
}

// errNoSource tells what can be set.
var errNoSource = errors.New("no communication details: set " + varTenant + ", " + varTenantToken + " and " + varConnectionPoint + ", or " + varAPIToken + " and " + varTenant + " (and " + varAPIURL + ")")

// findSource returns the first complete source. What is missing in others is told
// only where no source is complete; a value that is wrong always is.
func (p *planner) findSource() (*Source, error) {
	var reasons incompleteError
	all := finders()
	for i, find := range all {
		s, err := find(p)
		var part *incompleteError
		switch {
		case errors.As(err, &part):
			reasons.join(part)
		case err != nil:
			return nil, err
		case s != nil:
			p.useSource(s, reasons)
			p.compare(s, all[i+1:])
			return s, nil
		}
	}
	if reasons.text != "" {
		return nil, &reasons
	}
	return nil, errNoSource
}

// useSource says which source counts, and lets it say what an error means.
func (p *planner) useSource(s *Source, reasons incompleteError) {
	p.hide(variable.KindAPIToken, s.api.given.Token)
	if s.Details != nil {
		p.hide(variable.KindTenantToken, s.Details.TenantToken)
	}
	switch {
	case reasons.invalid:
		p.plan.Log.add(levelWarn, reasons.text)
	case reasons.text != "":
		p.plan.Log.debug("not used: " + reasons.text)
	}
	p.plan.Log.debug("communication details are from " + s.Name)
	for _, w := range s.Warnings {
		p.plan.Log.add(levelWarn, s.Name+": "+w)
	}
	if p.options.onError == onErrorUnset {
		p.options.onError = s.OnError
	}
}

package start

import (
	"fmt"
	"strings"

	"github.com/org/dt-frontend/internal/deploy"
)

// compare warns of further sources that say something else, which is a mistake
// more often than not.
func (p *planner) compare(s *Source, rest []finder) {
	for _, find := range rest {
		other, err := find(p)
		if err != nil || other == nil {
			continue
		}
		if what := s.disagrees(other); what != "" {
			p.plan.Log.add(levelWarn, fmt.Sprintf("%s and %s name different %s: the first is used", s.Name, other.Name, what))
		}
	}
}

// disagrees says in what two sources differ, without a value.
func (s *Source) disagrees(other *Source) string {
	if !strings.EqualFold(other.tenant(), s.tenant()) {
		return "environments"
	}
	if s.Details != nil || other.Details != nil {
		return ""
	}
	var what []string
	a, b := normal(s.Credentials), normal(other.Credentials)
	if a.URL != b.URL {
		what = append(what, "API URLs")
	}
	if a.Token != b.Token {
		what = append(what, "API tokens")
	}
	return strings.Join(what, " and ")
}

// normal is c in the one form of what it says, if it has one.
func normal(c deploy.Credentials) deploy.Credentials {
	// The tenant is part of the URL, and as good in capitals.
	c.Tenant = strings.ToLower(c.Tenant)
	if n, err := c.Normalize(); err == nil {
		return n
	}
	return c
}

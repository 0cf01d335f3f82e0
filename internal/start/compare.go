package start

import (
	"fmt"
	"strings"
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
	if s.api.url() != other.api.url() {
		what = append(what, "API URLs")
	}
	if s.api.given.Token != other.api.given.Token {
		what = append(what, "API tokens")
	}
	return strings.Join(what, " and ")
}

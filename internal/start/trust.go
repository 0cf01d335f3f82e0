package start

import (
	"fmt"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
)

// refuseSteered returns why no token may go the way that some variables name:
// the image itself sets one of them. Whoever writes an image would decide who
// gets the token of whoever starts a container of it.
//
// A later image that was built on this one without our frontend may set more:
// nobody here can tell its variables from the user's.
func (p *planner) refuseSteered(token string, names ...string) error {
	if p.trustsImage() {
		return nil
	}
	var own []string
	for _, name := range names {
		if p.settings.Sets(name, p.user.get(name)) {
			own = append(own, name)
		}
	}
	if len(own) == 0 {
		return nil
	}
	return fmt.Errorf("%s is not sent, since the image itself sets %s: set another value when the container starts, or %s=true if you trust the image",
		token, strings.Join(own, " and "), agent.VarTrustImage)
}

// trustsImage reports whether the build, or whoever starts the container, has us
// take the image's word.
func (p *planner) trustsImage() bool {
	v := p.user.get(agent.VarTrustImage)
	return p.settings.TrustImage || p.options.trustImage && !p.settings.Sets(agent.VarTrustImage, v)
}

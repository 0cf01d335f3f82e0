package start

import (
	"context"

	"github.com/org/dt-frontend/internal/start/provision"
)

// Installer has an agent in place in run-time mode.
type Installer interface {
	// Find returns one that is in place already.
	Find(provision.Order) (*provision.Agent, bool)
	// Where returns the folder for one that is not.
	Where(provision.Order) (string, error)
	// Install makes it so; say is told now and then how far it is.
	Install(ctx context.Context, r Request, o provision.Order, say func(string)) (*provision.Agent, error)
}

// Agents returns the Installer of a container.
func Agents(userAgent string) Installer { return agents(userAgent) }

type agents string

func (agents) Find(o provision.Order) (*provision.Agent, bool) {
	return provision.New(nil).Find(o)
}

func (agents) Where(o provision.Order) (string, error) {
	return provision.New(nil).Where(o)
}

func (a agents) Install(ctx context.Context, r Request, o provision.Order, say func(string)) (*provision.Agent, error) {
	// An installer's answer may begin later than that to a question.
	r.Timeout = 0
	c, err := deployment(a).client(r)
	if err != nil {
		return nil, err
	}
	return provision.New(say).Install(ctx, c, o)
}

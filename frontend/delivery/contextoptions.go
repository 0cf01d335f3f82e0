package delivery

import (
	"fmt"
	"maps"
	"strings"

	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/frontend/gateway/client"
	"github.com/org/dt-frontend/frontend/notice"
	"github.com/org/dt-frontend/frontend/option"
	"github.com/org/dt-frontend/internal/agent"
)

// contextKey is where BuildKit hands on the build context that brings an agent.
const contextKey = "context:" + agent.ContextName

// ContextClient returns the client whose build context brings the agent: bc, if
// it has one, or else one that has the agent image of the options in its place.
// It returns nil if the agent comes from the cluster.
func ContextClient(bc *dockerui.Client, o option.Options) (*dockerui.Client, error) {
	has := hasContext(bc.BuildOpts().Opts)
	switch {
	case !has && o.Agent == "":
		return nil, nil
	case !has:
		return dockerui.NewClient(withOption{bc.GatewayClient(), contextKey, "docker-image://" + o.Agent})
	case o.Agent != "" && o.IsEnforced("agent"):
		return nil, &notice.Error{Message: "agent is set by the frontend image, which does not let it be changed: remove the build context " + agent.ContextName}
	}
	return bc, nil
}

// hasContext reports whether a build context brings the agent, for all
// platforms or for some.
func hasContext(opts map[string]string) bool {
	for key := range opts {
		if key == contextKey || strings.HasPrefix(key, contextKey+"::") {
			return true
		}
	}
	return false
}

// withOption is a client whose request has one option more. The map of the
// client itself stays as it is.
type withOption struct {
	client.Client
	key, value string
}

// BuildOpts returns those of the client, with the option.
func (w withOption) BuildOpts() client.BuildOpts {
	out := w.Client.BuildOpts()
	opts := maps.Clone(out.Opts)
	if opts == nil {
		opts = map[string]string{}
	}
	opts[w.key] = w.value
	out.Opts = opts
	return out
}

// ContextOptions returns what is left of the options of a build whose agent comes
// from a build context. What the context decides cannot be asked for besides, and
// what is enforced has to be had.
func ContextOptions(o option.Options, warn func(string)) (option.Options, error) {
	for _, s := range []struct {
		key string
		set bool
	}{
		{"include", o.IncludeAuto || !o.Include.All()}, {"checksum", len(o.Checksums) > 0}, {"installer", o.Archive}, {"config", o.Config},
		{"host-group", o.HostGroup != ""},
	} {
		if s.set && o.IsEnforced(s.key) {
			return o, &notice.Error{Message: fmt.Sprintf("%s is set by the frontend image, which does not let it be changed, and is not possible with an agent of the build context %s: remove the context",
				s.key, agent.ContextName)}
		}
		if s.set {
			warn(fmt.Sprintf("%s does not count: the build context %s brings its own agent", s.key, agent.ContextName))
		}
	}
	o.Checksums, o.Include, o.IncludeAuto, o.Archive, o.Config = nil, nil, false, false, false
	o.HostGroup = ""
	return o, nil
}

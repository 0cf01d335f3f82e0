package supply

import (
	"bytes"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/install/seal"
	"github.com/org/dt-frontend/internal/install/secret"
)

// Handover is what the resolve step hands on to the steps after it, sealed with
// the API token.
//
// BuildKit runs equal steps of several builds once, and asks the session of any
// of these builds for each secret by itself: see docs/graph.md. A step that is
// given several secrets may therefore be given one build's token and another
// build's address. So the steps after resolve, which builds may share, are given
// the API token and no other secret. All else comes from here: whoever cannot
// open it with his token sends nothing.
type Handover struct {
	// Version is [agent.Resolved.Version].
	Version string
	// Secrets are the build's own, without the API token. A secret that it was
	// not given is not in here, and is given to no later step either.
	Secrets secret.Set
	// NetworkEnv is how resolve reached the cluster.
	NetworkEnv NetworkEnv
	// TenantToken is the environment's: an agent for one that was rotated is
	// looked through again.
	TenantToken string
}

// ErrForeign says that a step was given what belongs to another build.
var ErrForeign = errors.New("this step was given another build's secrets, or another build's way to the network: nothing was sent")

// padding is what the length of a sealed [Handover] is a multiple of, in bytes,
// apart from the seal's own: the length of an address says something about it.
const padding = 1 << 10

// newHandover describes a build that reaches the network as env says.
func newHandover(secrets secret.Set, env NetworkEnv, tenantToken, version string) *Handover {
	own := map[string]string{}
	for _, id := range agent.ClusterSecrets {
		if id != agent.SecretAPIToken {
			own[id] = secrets.Get(id)
		}
	}
	return &Handover{Version: version, Secrets: secret.NewSet(own), NetworkEnv: env, TenantToken: tenantToken}
}

// document is the form of a [Handover] that is sealed.
type document struct {
	Version     string
	Secrets     map[string]string
	NetworkEnv  NetworkEnv
	TenantToken string
}

// seal returns the document that later steps open with the API token. It is the
// same for the same build: BuildKit keys these steps by its content.
func (h *Handover) seal(apiToken string) (agent.Resolved, error) {
	plain, err := json.Marshal(document{
		Version: h.Version, Secrets: maps.Collect(h.Secrets.All()), NetworkEnv: h.NetworkEnv, TenantToken: h.TenantToken,
	})
	if err != nil {
		return agent.Resolved{}, fmt.Errorf("encoding what is handed on: %w", err)
	}
	// JSON may end with white space.
	plain = append(plain, bytes.Repeat([]byte(" "), padding-len(plain)%padding)...)
	sealed, err := seal.Stable(plain, apiToken)
	if err != nil {
		return agent.Resolved{}, fmt.Errorf("sealing what is handed on: %w", err)
	}
	return agent.Resolved{Version: h.Version, Sealed: sealed}, nil
}

// Open returns what resolve handed on to a step that has this API token, or
// [ErrForeign] if resolve ran with another. Its secrets are complete: the token
// is added.
func Open(resolved agent.Resolved, apiToken string) (*Handover, error) {
	if apiToken == "" {
		// The session that has it did not answer.
		return nil, ErrForeign
	}
	plain, err := seal.OpenStable(resolved.Sealed, apiToken)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrForeign, err)
	}
	var d document
	if err := json.Unmarshal(plain, &d); err != nil {
		return nil, fmt.Errorf("decoding what was handed on: %w", err)
	}
	if d.Version != resolved.Version || d.Secrets == nil {
		return nil, ErrForeign
	}
	d.Secrets[agent.SecretAPIToken] = apiToken
	return &Handover{Version: d.Version, Secrets: secret.NewSet(d.Secrets), NetworkEnv: d.NetworkEnv, TenantToken: d.TenantToken}, nil
}

// VerifyNetworkEnv returns [ErrForeign] unless the process reaches the network as
// resolve did. It must be called before the first request: BuildKit keys no step
// by its hosts and proxies, and runs a shared step with those of any build.
func (h *Handover) VerifyNetworkEnv() error {
	env, err := CurrentNetworkEnv()
	if err != nil {
		return fmt.Errorf("%w (%w)", ErrForeign, err)
	}
	if !env.equal(h.NetworkEnv) {
		return ErrForeign
	}
	return nil
}

// ErrChanged says that the cluster answers otherwise than it answered resolve.
var ErrChanged = errors.New("the environment's tenant token has changed since this build asked for it, as when it is rotated: build again")

// Verify returns [ErrChanged] unless c is about the environment that answered
// resolve.
func (h *Handover) Verify(c *Connection) error {
	if !hmac.Equal([]byte(c.Info.TenantToken), []byte(h.TenantToken)) {
		return ErrChanged
	}
	return nil
}

package supply

import (
	"encoding/json"
	"fmt"

	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/install/seal"
)

// Connection is what ties an agent to its environment.
//
// The install step has to know it to look for it, and has no network to ask for
// it. The download step leaves it, sealed: a builder's storage must not hold it.
type Connection struct {
	Info deploy.ConnectionInfo `json:"Connection"`
}

// Seal encrypts c with the API token.
func (c *Connection) Seal(apiToken string) ([]byte, error) {
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encoding links: %w", err)
	}
	return seal.Bytes(plain, apiToken)
}

// OpenConnection decrypts what [Connection.Seal] made. It returns
// [seal.ErrSecret] if that was done with another token.
func OpenConnection(sealed []byte, apiToken string) (*Connection, error) {
	plain, err := seal.OpenBytes(sealed, apiToken)
	if err != nil {
		return nil, err
	}
	var c Connection
	if err := json.Unmarshal(plain, &c); err != nil {
		return nil, fmt.Errorf("decoding links: %w", err)
	}
	return &c, nil
}

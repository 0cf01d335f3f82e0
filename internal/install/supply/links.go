package supply

import (
	"encoding/json"
	"fmt"

	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/install/seal"
)

// Links are what ties an agent to its environment.
//
// The install step has to know them to look for them, and has no network to ask
// for them. The download step leaves them, sealed: a builder's storage must not
// hold them.
type Links struct {
	Connection deploy.ConnectionInfo
}

// Seal encrypts l with the API token.
func (l *Links) Seal(apiToken string) ([]byte, error) {
	plain, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("encoding links: %w", err)
	}
	return seal.Bytes(plain, apiToken)
}

// OpenLinks decrypts what [Links.Seal] made. It returns [seal.ErrSecret] if
// that was done with another token.
func OpenLinks(sealed []byte, apiToken string) (*Links, error) {
	plain, err := seal.OpenBytes(sealed, apiToken)
	if err != nil {
		return nil, err
	}
	var l Links
	if err := json.Unmarshal(plain, &l); err != nil {
		return nil, fmt.Errorf("decoding links: %w", err)
	}
	return &l, nil
}

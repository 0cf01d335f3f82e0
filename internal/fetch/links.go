package fetch

import (
	"encoding/json"
	"fmt"

	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/seal"
)

// SealLinks encrypts what ties an agent to its environment with the API token.
//
// The install step has to know these values to look for them, and has no
// network to ask for them; the download step leaves them, and a builder's
// storage must not hold them.
func SealLinks(info *deploy.ConnectionInfo, apiToken string) ([]byte, error) {
	plain, err := json.Marshal(info)
	if err != nil {
		return nil, fmt.Errorf("encoding links: %w", err)
	}
	return seal.Bytes(plain, apiToken)
}

// OpenLinks decrypts what [SealLinks] made. It returns [seal.ErrSecret] if that
// was done with another token.
func OpenLinks(sealed []byte, apiToken string) (*deploy.ConnectionInfo, error) {
	plain, err := seal.OpenBytes(sealed, apiToken)
	if err != nil {
		return nil, err
	}
	var info deploy.ConnectionInfo
	if err := json.Unmarshal(plain, &info); err != nil {
		return nil, fmt.Errorf("decoding links: %w", err)
	}
	return &info, nil
}

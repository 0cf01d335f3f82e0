package fetch

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/org/dt-frontend/internal/deploy"
)

// linksInfo separates this use of the API token as a key from any other.
const linksInfo = "dt-frontend links v1"

// ErrSealed says that links were sealed with another API token.
var ErrSealed = errors.New("the links were sealed with another API token")

// SealLinks encrypts what ties an agent to its environment with the API token.
//
// The install step has to know these values to look for them, and has no
// network to ask for them; the download step leaves them, and a builder's
// storage must not hold them. Equal links give equal bytes, so that the install
// step's cache key does not change by itself.
func SealLinks(info *deploy.ConnectionInfo, apiToken string) ([]byte, error) {
	plain, err := json.Marshal(info)
	if err != nil {
		return nil, fmt.Errorf("encoding links: %w", err)
	}
	aead, key, err := linksCipher(apiToken)
	if err != nil {
		return nil, err
	}
	// A nonce made of the text itself is as good as a random one: it repeats
	// only with the text.
	mac := hmac.New(sha256.New, key)
	mac.Write(plain)
	nonce := mac.Sum(nil)[:aead.NonceSize()]
	return aead.Seal(nonce, nonce, plain, nil), nil
}

// OpenLinks decrypts what [SealLinks] made. It returns [ErrSealed] if that was
// done with another token.
func OpenLinks(sealed []byte, apiToken string) (*deploy.ConnectionInfo, error) {
	aead, _, err := linksCipher(apiToken)
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, ErrSealed
	}
	nonce, box := sealed[:aead.NonceSize()], sealed[aead.NonceSize():]
	plain, err := aead.Open(nil, nonce, box, nil)
	if err != nil {
		return nil, ErrSealed
	}
	var info deploy.ConnectionInfo
	if err := json.Unmarshal(plain, &info); err != nil {
		return nil, fmt.Errorf("decoding links: %w", err)
	}
	return &info, nil
}

func linksCipher(apiToken string) (cipher.AEAD, []byte, error) {
	key, err := hkdf.Key(sha256.New, []byte(apiToken), nil, linksInfo, 64)
	if err != nil {
		return nil, nil, fmt.Errorf("deriving a key: %w", err)
	}
	block, err := aes.NewCipher(key[:32])
	if err != nil {
		return nil, nil, fmt.Errorf("deriving a key: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, nil, fmt.Errorf("deriving a key: %w", err)
	}
	return aead, key[32:], nil
}

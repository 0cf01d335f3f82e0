package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
)

const (
	// The names of the two keys that a secret gives for [Stable].
	infoStableKey   = "dt-frontend stable seal v1"
	infoStableNonce = "dt-frontend stable seal v1 nonce"

	keySize   = 32 // of AES-256, in bytes
	nonceSize = 12 // of GCM, in bytes
)

// Stable seals a short text so that the same text and secret always give the
// same bytes: BuildKit's cache is keyed by them. It uses AES-256-GCM and not age,
// which takes a new random key for each file and therefore never makes the same
// bytes twice.
//
// The nonce is an HMAC of the text under a key of its own. Two texts therefore
// share a nonce only if their HMACs collide, and whoever does not know the
// secret learns nothing but the text's length and which texts are equal.
func Stable(plain []byte, secret string) ([]byte, error) {
	aead, err := stableAEAD(secret)
	if err != nil {
		return nil, err
	}
	n, err := stableNonce(plain, secret)
	if err != nil {
		return nil, err
	}
	return aead.Seal(n, n, plain, nil), nil
}

// OpenStable opens what [Stable] sealed. It returns [ErrSecret] if that was
// done with another secret.
func OpenStable(sealed []byte, secret string) ([]byte, error) {
	aead, err := stableAEAD(secret)
	if err != nil {
		return nil, err
	}
	if len(sealed) < nonceSize {
		return nil, ErrSecret
	}
	plain, err := aead.Open(nil, sealed[:nonceSize], sealed[nonceSize:], nil)
	if err != nil {
		return nil, ErrSecret
	}
	return plain, nil
}

func stableAEAD(secret string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, infoStableKey, keySize)
	if err != nil {
		return nil, fmt.Errorf("deriving a key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("deriving a key: %w", err)
	}
	return cipher.NewGCM(block)
}

func stableNonce(plain []byte, secret string) ([]byte, error) {
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, infoStableNonce, keySize)
	if err != nil {
		return nil, fmt.Errorf("deriving a key: %w", err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(plain)
	return mac.Sum(nil)[:nonceSize:nonceSize], nil
}

package signature

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/smallstep/pkcs7"
)

// ErrMissing says that nothing is signed.
var ErrMissing = errors.New("it is not signed: there is no line ----SIGNED-INSTALLER in it")

// Verifier reads a script and verifies its signature.
type Verifier struct {
	sum   hash.Hash
	split *splitter
}

// New returns a Verifier that has read nothing.
func New() *Verifier {
	sum := sha256.New()
	return &Verifier{sum: sum, split: newSplitter(sum)}
}

// Write takes the next bytes of the script.
func (v *Verifier) Write(b []byte) (int, error) { return v.split.Write(b) }

// Verify returns an error unless the script that was written ends with a
// signature of all in front of it, by a certificate that one of roots vouches for
// at the time now. It returns [ErrMissing] if there is no signature.
func (v *Verifier) Verify(roots *x509.CertPool, now time.Time) error {
	if v.split.trailer == nil {
		return ErrMissing
	}
	if v.split.tooLong {
		return fmt.Errorf("more than %d bytes stand behind its line ----SIGNED-INSTALLER", maxTrailer)
	}
	der, err := signatureOf(v.split.trailer)
	if err != nil {
		return err
	}
	signed, err := pkcs7.Parse(der)
	if err != nil {
		return errors.New("its signature cannot be read: it is damaged")
	}
	// Without attributes a signature is of a content that it may bring along
	// itself, so that the script would not matter.
	if len(signed.Signers) != 1 || len(signed.Signers[0].AuthenticatedAttributes) == 0 {
		return errors.New("its signature is not of the form of S/MIME: one signer with signed attributes")
	}
	var kind asn1.ObjectIdentifier
	if err := signed.UnmarshalSignedAttribute(pkcs7.OIDAttributeContentType, &kind); err != nil || !kind.Equal(pkcs7.OIDData) {
		return errors.New("its signature is not for data")
	}
	signed.Hasher = streamed(v.sum.Sum(nil))
	return explain(signed.VerifyWithChainAtTime(roots, now))
}

// streamed is the digest of what was written, in place of the content that a
// detached signature does not have.
type streamed []byte

// Hash returns the digest.
func (s streamed) Hash(kind crypto.Hash, _ io.Reader) ([]byte, error) {
	if kind != crypto.SHA256 {
		return nil, errOtherHash
	}
	return s, nil
}

var errOtherHash = errors.New("its signature is not made with SHA-256")

// explain returns what an error of the library means. What it says itself is of
// several lines, or names certificates.
func explain(err error) error {
	var (
		digest *pkcs7.MessageDigestMismatchError
		then   *pkcs7.SigningTimeNotValidError
	)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errOtherHash):
		return err
	case errors.As(err, &digest):
		return errors.New("its signature does not match the script, which was changed or damaged after it was signed")
	case errors.As(err, &then):
		return errors.New("it was signed when its certificate was not valid")
	case isChain(err):
		return errors.New("no authority vouches for the certificate of its signer, or that certificate is not valid now")
	}
	return errors.New("its signature does not match its certificate")
}

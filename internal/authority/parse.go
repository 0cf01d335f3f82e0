package authority

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Max is how many certificates a bundle may have.
const Max = 100

// pemType is that of a certificate's block.
const pemType = "CERTIFICATE"

// Bundle is one certificate or more.
type Bundle []*x509.Certificate

// Parse reads a bundle in PEM. Comments may stand between its blocks; whatever
// else is in there is an error, which shows nothing of it.
func Parse(text []byte) (Bundle, error) {
	blocks, err := split(text)
	if err != nil {
		return nil, err
	}
	var out Bundle
	for i, block := range blocks {
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			// What the parser says may name what is in there.
			return nil, fmt.Errorf("certificate %d of %d cannot be read: it is damaged, or not of the form of X.509", i+1, len(blocks))
		}
		if !isAuthority(cert) {
			return nil, fmt.Errorf("certificate %d of %d is a server's own, which names the server, and none of an authority: pass that of the authority that has signed it", i+1, len(blocks))
		}
		out = append(out, cert)
	}
	return out.unique(), nil
}

// split returns the blocks of a text.
func split(text []byte) ([]*pem.Block, error) {
	const begin = "-----BEGIN "
	// Before all else: a decoder passes over a block that is damaged.
	if bytes.Contains(text, []byte("PRIVATE KEY")) {
		return nil, errors.New("there is a private key in it, which must be in no image: pass certificates alone")
	}
	want := bytes.Count(text, []byte(begin))
	switch {
	case want == 0:
		return nil, errors.New("there is no certificate in it: pass the authority's in PEM, which begins with -----BEGIN CERTIFICATE-----")
	case want > Max:
		return nil, fmt.Errorf("there are more than %d certificates in it: pass those alone that the agent needs", Max)
	}
	var out []*pem.Block
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != pemType {
			return nil, errors.New("there is something else than certificates in it: pass blocks of BEGIN CERTIFICATE alone")
		}
		out = append(out, block)
	}
	if len(out) != want {
		return nil, errors.New("there is a damaged block in it: pass the file as the authority gives it out, with all of its lines")
	}
	return out, nil
}

// isAuthority reports whether a certificate may vouch for others. Old ones do
// not say so: then, as for OpenSSL, one that has signed itself in the first
// form of such certificates, or whose key is for signing them.
func isAuthority(c *x509.Certificate) bool {
	if c.BasicConstraintsValid {
		return c.IsCA
	}
	return c.Version == 1 && bytes.Equal(c.RawIssuer, c.RawSubject) || c.KeyUsage&x509.KeyUsageCertSign != 0
}

// unique returns b without what is in it twice.
func (b Bundle) unique() Bundle {
	var out Bundle
	for _, c := range b {
		if !slices.ContainsFunc(out, c.Equal) {
			out = append(out, c)
		}
	}
	return out
}

// PEM returns b as it goes into an image: the same bytes for the same
// certificates, whatever stood between them.
func (b Bundle) PEM() []byte {
	var out strings.Builder
	for _, c := range b {
		out.Write(pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: c.Raw}))
	}
	return []byte(out.String())
}

package authority

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
)

// Max is how many certificates an agent may be told to trust.
const Max = 100

// Bundle is one certificate or more.
type Bundle []*x509.Certificate

// Parse reads the certificates of authorities that go into an image, in PEM.
// Comments may stand between its blocks. Anything else in it is an error, which
// shows nothing of the text.
func Parse(text []byte) (Bundle, error) { return parse(text, true) }

// ParseTrusted is Parse for the certificates that a program of ours trusts. A
// server's own certificate may be among them: crypto/x509 trusts a server whose
// certificate is in the pool, whoever signed it. There may be any number.
func ParseTrusted(text []byte) (Bundle, error) { return parse(text, false) }

func parse(text []byte, forImage bool) (Bundle, error) {
	blocks, err := split(string(text))
	if err != nil {
		return nil, err
	}
	if forImage && len(blocks) > Max {
		return nil, fmt.Errorf("there are more than %d certificates in it: pass only those that the agent needs", Max)
	}
	var out Bundle
	for _, b := range blocks {
		cert, err := x509.ParseCertificate(b.der)
		if err != nil {
			// The parser's error may show what is in there.
			return nil, damaged(b.where, "what is in it is not an X.509 certificate")
		}
		if forImage && !isAuthority(cert) {
			return nil, fmt.Errorf("%s is a server's own certificate, which names the server: pass the certificate of the authority that signed it", b.where)
		}
		out = append(out, cert)
	}
	return out.unique(), nil
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

// AddTo makes pool trust the certificates in b.
func (b Bundle) AddTo(pool *x509.CertPool) {
	for _, c := range b {
		pool.AddCert(c)
	}
}

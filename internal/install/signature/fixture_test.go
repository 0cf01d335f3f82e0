package signature

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"
	"github.com/stretchr/testify/require"
)

// now is when everything happens. Signatures are made by the clock.
var now = time.Now().Truncate(time.Second)

// identity is a certificate with its key.
type identity struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// newIdentity returns one that parent vouches for, or itself if that is nil.
func newIdentity(t *testing.T, name string, parent *identity, end time.Time) *identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	require.NoError(t, err)
	c := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: now.AddDate(-2, 0, 0), NotAfter: end,
		KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true,
	}
	if parent == nil || strings.HasPrefix(name, "authority") {
		c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign
	}
	by := &identity{c, key}
	if parent != nil {
		by = parent
	}
	der, err := x509.CreateCertificate(rand.Reader, c, by.cert, key.Public(), by.key)
	require.NoError(t, err)
	c, err = x509.ParseCertificate(der)
	require.NoError(t, err)
	return &identity{c, key}
}

func (i *identity) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(i.cert)
	return p
}

func (i *identity) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.cert.Raw})
}

// how changes the way in which something is signed.
type how struct {
	attached     bool
	noAttributes bool
	digest       asn1.ObjectIdentifier
	chain        []*x509.Certificate
}

// sign returns a signature of content.
func (i *identity) sign(t *testing.T, content []byte, h how) []byte {
	t.Helper()
	data, err := pkcs7.NewSignedData(content)
	require.NoError(t, err)
	data.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	if h.digest != nil {
		data.SetDigestAlgorithm(h.digest)
	}
	if h.noAttributes {
		err = data.SignWithoutAttr(i.cert, i.key, pkcs7.SignerInfoConfig{})
	} else {
		err = data.AddSigner(i.cert, i.key, pkcs7.SignerInfoConfig{})
	}
	require.NoError(t, err)
	for _, c := range h.chain {
		data.AddCertificate(c)
	}
	if !h.attached {
		data.Detach()
	}
	der, err := data.Finish()
	require.NoError(t, err)
	return der
}

// canonical is the form of a text that is signed.
func canonical(text string) []byte {
	return []byte(strings.ReplaceAll(text, "\n", "\r\n"))
}

// installer is what a cluster delivers.
func installer(script string, der []byte) string {
	var lines strings.Builder
	text := base64.StdEncoding.EncodeToString(der)
	for len(text) > 64 {
		lines.WriteString(text[:64] + "\n")
		text = text[64:]
	}
	return script + "\n----SIGNED-INSTALLER\n" +
		"Content-Type: application/x-pkcs7-signature; name=\"smime.p7s\"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=\"smime.p7s\"\n\n" +
		lines.String() + text + "\n\n----SIGNED-INSTALLER--\n\n"
}

// verify reads a file as a stream, size bytes at a time.
func verify(t *testing.T, file string, size int, roots *x509.CertPool) error {
	t.Helper()
	v := New()
	for b := range slices.Chunk([]byte(file), size) {
		n, err := v.Write(b)
		require.NoError(t, err)
		require.Len(t, b, n)
	}
	return v.Verify(roots, now)
}

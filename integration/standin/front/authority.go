package front

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Authority signs certificates.
type Authority struct {
	// Name is random, and stands in all that the authority has signed.
	Name string
	// PEM is its own certificate, as users give it as DT_CA_CERT.
	PEM string

	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewAuthority returns one that nobody else trusts.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	der, key := signItself(t, nil)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &Authority{Name: cert.Subject.CommonName, PEM: inPEM(der), cert: cert, key: key}
}

// Certificate returns one in PEM that has signed itself: an authority's of a
// random name, unless change, which may be nil, makes another of it.
func Certificate(t testing.TB, change func(*x509.Certificate)) string {
	t.Helper()
	der, _ := signItself(t, change)
	return inPEM(der)
}

func signItself(t testing.TB, change func(*x509.Certificate)) (der []byte, key *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Authority " + rand.Text()},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	if change != nil {
		change(cert)
	}
	der, err = x509.CreateCertificate(rand.Reader, cert, cert, key.Public(), key)
	require.NoError(t, err)
	return der, key
}

func inPEM(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// certificate returns one for a host, a name or an address.
func (a *Authority) certificate(t testing.TB, host string, options []Option) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(2),
		NotBefore:    time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		cert.IPAddresses = []net.IP{ip}
	} else {
		cert.DNSNames = []string{host}
	}
	for _, o := range options {
		o(cert)
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, a.cert, key.Public(), a.key)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// Option makes a server's certificate a bad one. One for another name needs no
// option: [Serve] it as another host.
type Option func(*x509.Certificate)

// Expired makes it end an hour ago.
func Expired() Option {
	return func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().Add(-48*time.Hour), time.Now().Add(-time.Hour)
	}
}

// NotYetValid makes it begin in an hour.
func NotYetValid() Option {
	return func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) }
}

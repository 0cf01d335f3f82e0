package authority_test

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/front"
	"github.com/org/dt-frontend/internal/authority"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/stretchr/testify/require"
)

func block(kind string, dt []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: dt}))
}

// Equal certificates are equal bytes, whoever wrote them down.
func TestTheFormIsNormal(t *testing.T) {
	one, two := front.Certificate(t, nil), front.Certificate(t, nil)
	der, _ := pem.Decode([]byte(two))
	require.NotNil(t, der)
	der.Headers = map[string]string{"Name": "two"}
	for name, text := range map[string]string{
		"as it is":   one + two,
		"comments":   "# one\n\n" + one + "subject=CN = two\n" + two + "the end",
		"headers":    one + string(pem.EncodeToMemory(der)),
		"twice":      one + two + one,
		"of Windows": strings.ReplaceAll(one+two, "\n", "\r\n"),
		"trimmed":    strings.TrimSpace(one + two),
	} {
		b, err := authority.Parse([]byte(text))
		require.NoError(t, err, name)
		require.Equal(t, one+two, string(b.PEM()), name)
	}
	b, err := authority.Parse([]byte(two + one))
	require.NoError(t, err)
	require.Equal(t, two+one, string(b.PEM()), "in their order")
}

func TestNothingElseIsTaken(t *testing.T) {
	secret := rand.Text()
	good := front.Certificate(t, nil)
	server := front.Certificate(t, func(c *x509.Certificate) { c.IsCA, c.KeyUsage, c.DNSNames = false, 0, []string{secret + ".invalid"} })
	for name, tt := range map[string]struct{ text, want string }{
		"nothing":                {"", "no certificate in it"},
		"words":                  {secret, "no certificate in it"},
		"a key":                  {block("EC PRIVATE KEY", []byte(secret)), "a private key in it"},
		"a key behind":           {good + block("PRIVATE KEY", []byte(secret)), "a private key in it"},
		"a damaged key":          {good + "-----BEGIN RSA PRIVATE KEY-----\n" + secret, "a private key in it"},
		"a key in a comment":     {"# the PRIVATE KEY is " + secret + "\n" + good, "a private key in it"},
		"a request":              {good + block("CERTIFICATE REQUEST", []byte(secret)), "something else than certificates"},
		"a public key":           {block("PUBLIC KEY", []byte(secret)), "something else than certificates"},
		"a block without an end": {good + "-----BEGIN CERTIFICATE-----\n" + secret, "a damaged block"},
		"a block cut short":      {good[:len(good)/2] + "\n-----END CERTIFICATE-----\n" + good, "a damaged block"},
		"not base64":             {"-----BEGIN CERTIFICATE-----\n***" + secret + "\n-----END CERTIFICATE-----\n" + good, "a damaged block"},
		"bytes":                  {good + block("CERTIFICATE", []byte(secret)), "certificate 2 of 2 cannot be read"},
		"a server's":             {good + server, "certificate 2 of 2 is a server's own"},
		"too many":               {strings.Repeat(good, authority.Max+1), "more than 100 certificates"},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := authority.Parse([]byte(tt.text))
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), secret)
			require.NotContains(t, err.Error(), "\n")
			require.Nil(t, b)
		})
	}
	_, err := authority.Parse([]byte(strings.Repeat(good, authority.Max)))
	require.NoError(t, err)
}

// Old authorities do not say that they are one.
func TestAnAuthorityThatDoesNotSaySo(t *testing.T) {
	_, err := authority.Parse([]byte(front.Certificate(t, func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = false, false })))
	require.NoError(t, err, "its key is for signing certificates")
	_, err = authority.Parse([]byte(front.Certificate(t, func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid, c.KeyUsage = false, false, 0 })))
	require.ErrorContains(t, err, "a server's own")
}

// Whoever the authority is: the environment is not named, in whatever form a
// certificate names somebody.
func TestFind(t *testing.T) {
	host := strings.ToLower(rand.Text()) + ".example.invalid"
	values := scan.New(append(
		scan.Address("communication endpoint", "https://"+host+":9999/communication"),
		append(scan.Address("communication endpoint", "https://192.0.2.77:9999/communication"),
			scan.Value{Kind: "environment id", Value: "ab12c"})...))
	for name, tt := range map[string]struct {
		change func(*x509.Certificate)
		kind   string
	}{
		"nobody":           {nil, ""},
		"common name":      {func(c *x509.Certificate) { c.Subject.CommonName = host }, "communication endpoint host"},
		"in capitals":      {func(c *x509.Certificate) { c.Subject.CommonName = strings.ToUpper(host) }, "communication endpoint host"},
		"organisation":     {func(c *x509.Certificate) { c.Subject.Organization = []string{"of " + host} }, "communication endpoint host"},
		"alternative name": {func(c *x509.Certificate) { c.DNSNames = []string{"other.invalid", host} }, "communication endpoint host"},
		"address":          {func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(192, 0, 2, 77).To4()} }, "communication endpoint host"},
		"revocation list":  {func(c *x509.Certificate) { c.CRLDistributionPoints = []string{"http://" + host + "/crl"} }, "communication endpoint host"},
		"a short id":       {func(c *x509.Certificate) { c.Subject.CommonName = "CA of AB12C" }, "environment id"},
		"other extension": {func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: []int{1, 2, 3, 4}, Value: []byte(host)}}
		}, "communication endpoint host"},
		"somebody else's":   {func(c *x509.Certificate) { c.DNSNames = []string{"0" + host[1:]} }, ""},
		"address of others": {func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(192, 0, 2, 78).To4()} }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := authority.Parse([]byte(front.Certificate(t, nil) + front.Certificate(t, tt.change)))
			require.NoError(t, err)
			found := b.Find(values)
			if tt.kind == "" {
				require.Empty(t, found)
				return
			}
			require.NotEmpty(t, found)
			require.Equal(t, tt.kind, found[0].Kind)
		})
	}
}

func TestExpired(t *testing.T) {
	b, err := authority.Parse([]byte(front.Certificate(t, nil) + front.Certificate(t, nil)))
	require.NoError(t, err)
	require.Zero(t, b.Expired(time.Now()))
	require.Equal(t, 2, b.Expired(time.Now().Add(48*time.Hour)))
}

package authority_test

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/org/dt-frontend/integration/standin/front"
	"github.com/org/dt-frontend/internal/deploy/authority"
	"github.com/org/dt-frontend/internal/scan"
	"github.com/stretchr/testify/require"
)

func block(kind string, dt []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: dt}))
}

// indent returns text as in a YAML block.
func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ") + "\n"
}

// TestParse_TakesWhatPeopleHave reads two certificates in the forms in which
// editors, shells and YAML leave them. Equal certificates are equal bytes.
func TestParse_TakesWhatPeopleHave(t *testing.T) {
	one, two := front.Certificate(t, nil), front.Certificate(t, nil)
	der, _ := pem.Decode([]byte(two))
	require.NotNil(t, der)
	der.Headers = map[string]string{"Name": "two"}
	for name, text := range map[string]string{
		"as it is":           one + two,
		"comments":           "# one\n\n" + one + "subject=CN = two\n" + two + "the end",
		"names in comments":  "# Backend Root CA - G2\n" + one + "subject=CN = Trend Micro-Deep, OU = Front-End CA\n" + two + "# -end of list",
		"headers":            one + string(pem.EncodeToMemory(der)),
		"twice":              one + two + one,
		"of Windows":         strings.ReplaceAll(one+two, "\n", "\r\n"),
		"of an old Mac":      strings.ReplaceAll(one+two, "\n", "\r"),
		"trimmed":            strings.TrimSpace(one + two),
		"byte order mark":    "\ufeff" + one + two,
		"two of them":        "\ufeff" + one + "\ufeff" + two,
		"indented":           indent(one + two),
		"one indented":       one + indent(two),
		"no line break":      strings.TrimSpace(one) + two,
		"spaces at line end": strings.ReplaceAll(one+two, "\n", " \t\n"),
		"empty lines":        strings.ReplaceAll(one+two, "\n", "\n\n"),
		"folded":             strings.ReplaceAll(one+two, "\n", " "),
		"escaped":            strings.ReplaceAll(one+two, "\n", `\n`),
		"OpenSSL's old name": one + block("X509 CERTIFICATE", der.Bytes),
	} {
		for kind, parse := range map[string]func([]byte) (authority.Bundle, error){
			"an agent's": authority.Parse, "ours": authority.ParseTrusted,
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				b, err := parse([]byte(text))
				require.NoError(t, err)
				require.Equal(t, one+two, string(b.PEM()))
			})
		}
	}
	b, err := authority.Parse([]byte(two + one))
	require.NoError(t, err)
	require.Equal(t, two+one, string(b.PEM()), "in their order")
}

// TestParse_RefusesAnythingElse has a good certificate next to a bad one in most
// cases: encoding/pem would drop the bad one.
func TestParse_RefusesAnythingElse(t *testing.T) {
	secret := rand.Text()
	good := front.Certificate(t, nil)
	lines := strings.Count(good, "\n")
	second := fmt.Sprintf("block 2 of 2 (line %d) is ", lines+1)
	for name, tt := range map[string]struct{ text, want string }{
		"nothing":                {"", "there is no certificate in it: pass certificates in PEM"},
		"words":                  {secret, "there is no certificate in it: pass certificates in PEM"},
		"a path":                 {"/etc/" + secret + ".pem", "the name of a file"},
		"Kubernetes":             {base64.StdEncoding.EncodeToString([]byte(good)), "it is the Base64 of PEM"},
		"DER":                    {"\x30\x82" + secret, "it is a certificate in DER"},
		"a key":                  {block("EC PRIVATE KEY", []byte(secret)), "it has a private key in it"},
		"a key behind":           {good + block("PRIVATE KEY", []byte(secret)), "a private key in it"},
		"a damaged key":          {good + "-----BEGIN RSA PRIVATE KEY-----\n" + secret, "a private key in it"},
		"a key in a comment":     {"# the PRIVATE KEY is " + secret + "\n" + good, "a private key in it"},
		"a request":              {good + block("CERTIFICATE REQUEST", []byte(secret)), second + "a request for a certificate, not a certificate: pass blocks of BEGIN CERTIFICATE alone"},
		"a public key":           {block("PUBLIC KEY", []byte(secret)) + good, "block 1 of 2 (line 1) is a public key"},
		"another type":           {good + block(secret, []byte(secret)), second + "of another type"},
		"a block without an end": {good + "-----BEGIN CERTIFICATE-----\n" + secret, second + "damaged: it has no END line"},
		"no end, another behind": {strings.Replace(good, "-----END CERTIFICATE-----\n", "", 1) + good, "block 1 of 2 (line 1) is damaged: it has no END line"},
		"another end":            {good + strings.Replace(good, "END CERTIFICATE", "END PKCS7", 1), second + "damaged: it has no END line of its own"},
		"no beginning":           {good + strings.Replace(good, "-----BEGIN CERTIFICATE-----\n", "", 1), fmt.Sprintf("the block that ends at line %d is damaged: it has no BEGIN line", 2*lines-1)},
		"a dash is missing":      {good + strings.Replace(good, "-----BEGIN", "----BEGIN", 1), fmt.Sprintf("the block at line %d is damaged: its BEGIN or END line", lines+1)},
		"in small letters":       {good + strings.ToLower(good), fmt.Sprintf("the block at line %d is damaged: its BEGIN or END line", lines+1)},
		"no dashes":              {good + strings.ReplaceAll(good, "-----", ""), fmt.Sprintf("the block at line %d is damaged: its BEGIN or END line", lines+1)},
		"no borders":             {good + strings.Join(strings.Split(good, "\n")[1:lines-1], "\n"), fmt.Sprintf("the block at line %d is damaged: it has no BEGIN line and no END line", lines+1)},
		"no borders in front":    {strings.Join(strings.Split(good, "\n")[1:lines-1], "\n") + "\n" + good, "the block at line 1 is damaged: it has no BEGIN line and no END line"},
		"a block cut short":      {good[:len(good)/2] + "\n-----END CERTIFICATE-----\n" + good, "block 1 of 2 (line 1) is damaged: what is "},
		"not base64":             {"-----BEGIN CERTIFICATE-----\n***" + secret + "\n-----END CERTIFICATE-----\n" + good, "block 1 of 2 (line 1) is damaged: what is between its BEGIN and END is not Base64"},
		"bytes":                  {good + block("CERTIFICATE", []byte(secret)), second + "damaged: what is in it is not an X.509 certificate"},
		"one behind the mark":    {"\ufeff" + good + "\n  " + good[:100], fmt.Sprintf("block 2 of 2 (line %d) is damaged", lines+2)},
	} {
		for kind, parse := range map[string]func([]byte) (authority.Bundle, error){
			"an agent's": authority.Parse, "ours": authority.ParseTrusted,
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				b, err := parse([]byte(tt.text))
				require.ErrorContains(t, err, tt.want)
				require.NotContains(t, err.Error(), secret)
				require.NotContains(t, err.Error(), "\n")
				require.Nil(t, b)
			})
		}
	}
}

// TestParse_ForImages has what a program of ours may trust, but no image may
// have.
func TestParse_ForImages(t *testing.T) {
	name := rand.Text()
	good := front.Certificate(t, nil)
	server := front.Certificate(t, func(c *x509.Certificate) { c.IsCA, c.KeyUsage, c.DNSNames = false, 0, []string{name + ".invalid"} })
	var many strings.Builder
	for range authority.Max + 1 {
		many.WriteString(good)
	}
	for text, want := range map[string]string{
		good + server: " is a server's own certificate, which names the server",
		many.String(): "more than 100 certificates",
	} {
		_, err := authority.Parse([]byte(text))
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), name)
		_, err = authority.ParseTrusted([]byte(text))
		require.NoError(t, err)
	}
	_, err := authority.Parse([]byte(strings.Repeat(good, authority.Max)))
	require.NoError(t, err)
}

// TestAddTo trusts a server by its own certificate, which an authority need not
// have signed.
func TestAddTo(t *testing.T) {
	text := front.Certificate(t, func(c *x509.Certificate) {
		c.IsCA, c.KeyUsage, c.DNSNames = false, x509.KeyUsageDigitalSignature, []string{"cluster.invalid"}
	})
	b, err := authority.ParseTrusted([]byte(text))
	require.NoError(t, err)
	pool := x509.NewCertPool()
	b.AddTo(pool)
	_, err = b[0].Verify(x509.VerifyOptions{Roots: pool, DNSName: "cluster.invalid"})
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

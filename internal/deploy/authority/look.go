package authority

import (
	"bytes"
	"crypto/x509"
	"strings"
	"time"

	"github.com/org/dt-frontend/internal/scan"
)

// Find returns what scanner finds in b: in the bytes of each certificate, since
// PEM breaks its lines within a name, and in the names as people write them,
// since an address is mere numbers there, and names may be in capitals.
func (b Bundle) Find(scanner *scan.Scanner) []scan.Finding {
	var out []scan.Finding
	for _, c := range b {
		for _, text := range []string{string(c.Raw), string(bytes.ToLower(c.Raw)), strings.ToLower(names(c))} {
			out = append(out, scanner.String(text)...)
		}
	}
	return out
}

// names returns the names in a certificate, one a line.
func names(c *x509.Certificate) string {
	out := append([]string{c.Subject.String(), c.Issuer.String()}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		out = append(out, ip.String())
	}
	for _, u := range c.URIs {
		out = append(out, u.String())
	}
	return strings.Join(out, "\n")
}

// Expired counts the certificates that are not valid any more.
func (b Bundle) Expired(now time.Time) int {
	n := 0
	for _, c := range b {
		if now.After(c.NotAfter) {
			n++
		}
	}
	return n
}

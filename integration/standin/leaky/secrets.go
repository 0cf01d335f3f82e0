package leaky

import (
	"crypto/rand"
	"fmt"
)

// Secrets are an environment's, at random.
type Secrets struct {
	APIToken    string
	Tenant      string
	TenantToken string
	APIURL      string
	Endpoint    string
}

const (
	upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	lower = "abcdefghijklmnopqrstuvwxyz0123456789"
)

// NewSecrets draws an environment.
func NewSecrets() Secrets {
	tenant := random("abcdefghijklmnopqrstuvwxyz", 3) + random(lower, 5)
	return Secrets{
		// In two parts, so that no scanner of this source takes it for one.
		APIToken:    "dt0" + "c01." + random(upper, 24) + "." + random(upper, 64),
		Tenant:      tenant,
		TenantToken: random(lower, 16),
		APIURL:      fmt.Sprintf("https://%s.live.dynatrace.example/api", tenant),
		Endpoint:    fmt.Sprintf("https://sg-%s.live.dynatrace.example:443/communication", random(lower, 8)),
	}
}

// All returns every value, and by which name it is given to a tool.
func (s Secrets) All() map[string]string {
	return map[string]string{
		"DT_API_TOKEN": s.APIToken, "DT_TENANT": s.Tenant, "DT_TENANTTOKEN": s.TenantToken,
		"DT_API_URL": s.APIURL, "DT_CONNECTION_POINT": s.Endpoint,
	}
}

func random(from string, n int) string {
	b := make([]byte, n)
	rand.Read(b) // it never fails, as documented
	for i := range b {
		b[i] = from[int(b[i])%len(from)]
	}
	return string(b)
}

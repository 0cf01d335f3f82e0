package start

import (
	"fmt"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/address"
	"github.com/org/dt-frontend/internal/deploy"
	"github.com/org/dt-frontend/internal/scan/value"
)

// bound is what a platform binds to an app: a service of Cloud Foundry, or a
// binding as servicebinding.io lays them out.
type bound struct {
	// name is the platform's, what names it to a person.
	name, what string
	// values are by meaning.
	values   map[string]string
	warnings []string
	// err says what is wrong with a value.
	err error
	// environment and token are the usual spellings of two keys.
	environment, token string
}

// put takes a value, and reports whether its key has a meaning. Of two spellings
// the first one that is put counts.
func (b *bound) put(key, raw string) bool {
	if slices.Contains(buildKeys[:], plainKey(key)) {
		b.warnings = append(b.warnings, fmt.Sprintf("%s is ignored: what is in the image was decided when it was built", key))
		return true
	}
	meaning, ok := meanings[plainKey(key)]
	if !ok {
		return false
	}
	v, err := value.Read(key, raw)
	switch {
	case err != nil && b.err == nil:
		b.err = err
	case v != "" && b.values[meaning] == "":
		b.values[meaning] = v
	}
	return true
}

// tenant is the environment's id: what is bound, or what the address of the API
// names.
func (b *bound) tenant() string {
	if id := b.values[keyEnvironment]; id != "" {
		return id
	}
	return address.Tenant(b.values[keyAPIURL])
}

// usable returns an error that says why no details can be made of it.
func (b *bound) usable(root string) error {
	if b.err != nil {
		return invalid(fmt.Errorf("%s, %s: %w", root, b.what, b.err))
	}
	var missing []string
	if b.tenant() == "" {
		missing = append(missing, b.environment)
	}
	if b.values[keyAPIToken] == "" && b.values[keyTenantToken] == "" {
		missing = append(missing, b.token)
	}
	if len(missing) == 0 {
		return nil
	}
	text := strings.Join(append([]string{strings.Join(missing, " and ") + " missing"}, b.warnings...), ", ")
	return incomplete("%s, %s: %s", root, b.what, text)
}

// source makes a source of what is usable. An API token goes before a tenant
// token, which can be an old one: the cluster knows the current one.
func (b *bound) source(root string) *Source {
	s := &Source{
		Name:        fmt.Sprintf("%s (%s)", root, b.what),
		NetworkZone: b.values[keyNetworkZone],
		FIPS:        strings.EqualFold(b.values[keyFIPS], "true"),
		Warnings:    b.warnings,
	}
	switch strings.ToLower(b.values[keySkipErrors]) {
	case "true":
		s.OnError = onErrorSkip
	case "false":
		s.OnError = onErrorFail
	}
	if token := b.values[keyAPIToken]; token != "" {
		s.api = newAPIDetails(deploy.RawCredentials{URL: b.apiURL(), Tenant: b.tenant(), Token: token})
		return s
	}
	s.Details = &Details{Tenant: b.tenant(), TenantToken: b.values[keyTenantToken], ConnectionPoint: b.values[keyServer]}
	if s.Details.ConnectionPoint == "" {
		// As java-buildpack does.
		s.Details.ConnectionPoint = "https://" + strings.ToLower(b.tenant()) + ".live.dynatrace.com/communication"
	}
	return s
}

// apiURL is empty where the vendor's SaaS address is meant. A single server has
// the API, too, as java-buildpack takes it; of several nobody knows which.
func (b *bound) apiURL() string {
	if u := b.values[keyAPIURL]; u != "" {
		return u
	}
	if servers := agent.Endpoints(b.values[keyServer]); len(servers) == 1 {
		return servers[0]
	}
	return ""
}

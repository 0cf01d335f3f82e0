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

// dynatraceNames are the names that services and bindings of the vendor have in
// them; the product was called ruxit once.
//
// Source: cloudfoundry/java-buildpack, framework/dynatrace_one_agent.rb.
var dynatraceNames = [...]string{"dynatrace", "ruxit"}

func namesDynatrace(s string) bool {
	s = strings.ToLower(s)
	return slices.ContainsFunc(dynatraceNames[:], func(name string) bool { return strings.Contains(s, name) })
}

// Meanings of keys of services and bindings.
const (
	keyEnvironment = "environmentid"
	keyAPIToken    = "apitoken"
	keyAPIURL      = "apiurl"
	keyTenantToken = "tenanttoken"
	keyServer      = "server"
	keyNetworkZone = "networkzone"
	keySkipErrors  = "skiperrors"
	keyFIPS        = "enablefips"
)

// meanings are by plain key; see plainKey.
//
// Source: the keys that libbuildpack-dynatrace, java-buildpack and
// paketo-buildpacks/dynatrace read.
var meanings = map[string]string{
	"environmentid": keyEnvironment,
	"tenant":        keyEnvironment,
	"apitoken":      keyAPIToken,
	"apiurl":        keyAPIURL,
	"tenanttoken":   keyTenantToken,
	"server":        keyServer,
	"endpoint":      keyServer,
	"networkzone":   keyNetworkZone,
	"skiperrors":    keySkipErrors,
	"enablefips":    keyFIPS,
}

// plainKey is the form that all spellings of a key have: brokers write
// environmentid, environmentId, environment-id and environment_id.
func plainKey(key string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("-_. ", r) {
			return -1
		}
		return r
	}, strings.ToLower(key))
}

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

// buildKeys are matters of the build.
var buildKeys = [...]string{"customoneagenturl", "addtechnologies"}

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
		s.Credentials = deploy.Credentials{URL: b.apiURL(), Tenant: b.tenant(), Token: token}
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

// candidate is what is bound, with its source or why it has none.
type candidate struct {
	*bound
	source *Source
	err    error
}

// choose returns the source of the only candidate that has one. Of several
// nobody knows which is meant.
func choose(list []candidate, root, kind string) (*Source, error) {
	var (
		found   []*Source
		names   []string
		reasons incompleteError
	)
	for _, c := range list {
		if c.source != nil {
			found, names = append(found, c.source), append(names, fmt.Sprintf("%q", c.name))
			continue
		}
		reasons.join(c.err)
	}
	switch {
	case len(found) > 1:
		return nil, fmt.Errorf("%s has several %s with Dynatrace credentials, bind one: %s", root, kind, strings.Join(names, ", "))
	case len(found) == 1:
		return found[0], nil
	case reasons.text != "":
		return nil, &reasons
	}
	return nil, nil
}

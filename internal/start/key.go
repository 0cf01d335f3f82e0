package start

import (
	"slices"
	"strings"
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

// buildKeys are matters of the build.
var buildKeys = [...]string{"customoneagenturl", "addtechnologies"}

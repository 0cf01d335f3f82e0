package deploy

import (
	"strings"

	"github.com/org/dt-frontend/internal/agent/variable"
)

// tokenKind is what the prefix of a token says about it. The prefix is public:
// it may be shown.
//
// Source: the vendor's documentation, "Dynatrace API - Tokens and
// authentication".
type tokenKind string

// The kinds that the Deployment API takes. Tokens of before 2020 have no prefix.
const (
	tokenAccess   tokenKind = "dt0c01"
	tokenPlatform tokenKind = "dt0s16"
)

// kindOf returns the kind of a token, or "" for one without a prefix.
func kindOf(token string) tokenKind {
	prefix, _, ok := strings.Cut(token, ".")
	if !ok || len(prefix) != 6 || !strings.HasPrefix(prefix, "dt0") || !only(prefix, isIDChar) {
		return ""
	}
	return tokenKind(prefix)
}

// authorization is the header's value: a platform token is one of OAuth's
// bearer tokens.
//
// Source: the vendor's installer wizard dtwiz, which goes by the prefix too.
func authorization(token string) string {
	if kindOf(token) == tokenPlatform {
		return "Bearer " + token
	}
	return "Api-Token " + token
}

// String names the kind, for people.
func (k tokenKind) String() string {
	switch k {
	case "":
		return "token"
	case tokenAccess:
		return "access token (dt0c01)"
	case tokenPlatform:
		return "platform token (dt0s16)"
	case "dt0s02", "dt0s03", "dt0s08":
		return "secret of an OAuth client (" + string(k) + ")"
	}
	return "token of the kind " + string(k)
}

// usable reports whether the Deployment API takes tokens of the kind.
func (k tokenKind) usable() bool {
	return k == "" || k == tokenAccess || k == tokenPlatform
}

// scopes says what a token of the kind is allowed to do, if it is enough.
//
// Source for platform tokens: the vendor's documentation, "Tokens and
// permissions" of the operator.
func (k tokenKind) scopes() string {
	if k == tokenPlatform {
		return "the scopes fleet-management:oneagents:download and fleet-management:oneagent.connection-info:read"
	}
	return "the scope InstallerDownload"
}

// another says which token helps in any case.
const another = "pass an access token (dt0c01) with the scope InstallerDownload (PaaS integration - Installer download) as " + variable.APIToken

// refusedHint says what to do about a 401.
func (k tokenKind) refusedHint() string {
	switch {
	case !k.usable():
		return variable.APIToken + " holds a " + k.String() + ", which this API does not take: " + another
	case k == tokenPlatform:
		return "check " + variable.APIToken + ": it holds a " + k.String() + ", which this cluster may not take; then " + another
	}
	return "check " + variable.APIToken
}

// forbiddenHint says what to do about a 403.
func (k tokenKind) forbiddenHint() string {
	switch {
	case !k.usable():
		return k.refusedHint()
	case k == tokenPlatform:
		return "give it these, or " + another
	}
	return "make one with it (PaaS integration - Installer download) and pass it as " + variable.APIToken
}

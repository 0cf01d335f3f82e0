package cluster

import (
	"net/http"
	"slices"
	"strings"
)

// ScopeInstallerDownload is the scope that every documented endpoint here asks
// for.
const ScopeInstallerDownload = "InstallerDownload"

// missingScope is how real answers begin; the form of the list is not documented.
const missingScope = "Token is missing required scope. Use one of: [%s]"

// apiToken finds the API token of a request: in the header, or in the query,
// where it may stand too but where proxies and logs see it.
func apiToken(r *http.Request) (token string, inQuery bool) {
	query := r.URL.Query().Get("Api-Token")
	if header, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Api-Token "); ok {
		return header, query != ""
	}
	return query, query != ""
}

// authorize fails unless the request has a token of this very environment.
func (e *Environment) authorize(r *http.Request) *apiError {
	token, _ := apiToken(r)
	if token == "" {
		return errorf(http.StatusUnauthorized, "Missing authorization parameter.")
	}
	scopes, ok := e.scopesOf(token)
	if !ok {
		return errorf(http.StatusUnauthorized, "Token Authentication failed")
	}
	if !slices.Contains(scopes, ScopeInstallerDownload) {
		return errorf(http.StatusForbidden, missingScope, ScopeInstallerDownload)
	}
	return nil
}

package cluster

import (
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
)

// PlantedPaths are where an installer with [FaultTells] leaves what the cluster
// knows, but for one in log/, which is a usual place. A tree is not
// clean before each of them is found.
var PlantedPaths = []string{"agent/.told", "agent/told.gz", "agent/told.log", "agent/told-link"}

func leaksSecrets(kind FaultKind) bool {
	return kind == FaultTells || kind == FaultTellsAndFails || kind == FaultTellsAndHangs
}

// plantedSecret is a file that holds a secret.
type plantedSecret struct {
	Path, Kind, Text string
}

// plantedSecrets has another secret at each place, so that a report that is
// bounded can name them all.
func (e *Environment) plantedSecrets() []plantedSecret {
	return []plantedSecret{
		{"log/told.log", "file", e.tenantToken},
		{"agent/.told", "file", e.token},
		{"agent/told.log", "file", e.tenantToken},
		{"agent/told.gz", "gzip", e.token},
		{"agent/told-link", "symlink", "to-" + e.tenantToken},
	}
}

// known are the environment's secrets in the forms in which programs print
// them, an encoded one last.
func (e *Environment) known() []string {
	var out []string
	for _, s := range e.Secrets() {
		out = append(out, forms(s.Name, s.Value)...)
	}
	return append(out, forms("Authorization", e.token)...)
}

func forms(name, value string) []string {
	v := []byte(value)
	return []string{
		name + " is " + value, url.QueryEscape(value), hex.EncodeToString(v),
		base64.URLEncoding.EncodeToString([]byte("u:" + value)), name + ": " + base64.StdEncoding.EncodeToString(v),
	}
}

// echo is an error that quotes the request, as gateways in front of a cluster
// answer with.
func echo(r *http.Request) *apiError {
	err := errorf(http.StatusBadRequest, "You sent %s", r.Header.Get("Authorization"))
	_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	for _, text := range append(forms("Authorization", token), forms("URL", r.URL.Path)...) {
		err.Violations = append(err.Violations, violation{Path: "header", Message: text, ParameterLocation: "HEADER"})
	}
	return err
}

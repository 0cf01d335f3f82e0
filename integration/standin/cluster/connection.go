package cluster

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// connectionInfo is the documented answer.
type connectionInfo struct {
	TenantUUID                      string   `json:"tenantUUID"`
	TenantToken                     string   `json:"tenantToken"`
	CommunicationEndpoints          []string `json:"communicationEndpoints"`
	FormattedCommunicationEndpoints string   `json:"formattedCommunicationEndpoints"`
}

var versionParameter = regexp.MustCompile(`^1\.(\d{1,6})(\.\d+)*$`)

// groupsSince is the release of agents since which formatted lists have groups,
// for clients that say so by version.
const groupsSince = 207

func (e *Environment) serveConnectionInfo(w http.ResponseWriter, r *http.Request) *apiError {
	zone, known, err := e.parseConnection(r.URL.Query())
	if err != nil {
		return err
	}
	endpoints := e.endpoints(zone)
	formatted := strings.Join(endpoints, ";")
	if known {
		formatted = grouped(e.endpointGroups(zone))
	}
	writeJSON(w, http.StatusOK, connectionInfo{
		TenantUUID:                      e.id,
		TenantToken:                     e.tenantToken,
		CommunicationEndpoints:          endpoints,
		FormattedCommunicationEndpoints: formatted,
	})
	return nil
}

func (e *Environment) serveEndpoints(w http.ResponseWriter, r *http.Request) *apiError {
	zone, _, err := e.parseConnection(r.URL.Query())
	if err != nil {
		return err
	}
	write(w, http.StatusOK, "text/plain; charset=utf-8", []byte(strings.Join(e.endpoints(zone), ";")))
	return nil
}

// parseConnection returns the network zone, and whether the agent that is asked
// for knows groups of endpoints.
func (e *Environment) parseConnection(values url.Values) (zone string, groups bool, err *apiError) {
	var c checker
	c.query(values, "defaultZoneFallback", "false", booleans)
	zone = e.checkZone(&c, values)
	if version := values.Get("version"); version != "" {
		m := versionParameter.FindStringSubmatch(version)
		if m == nil {
			c.add("QUERY", "version", "must be of the form 1.221")
			return zone, false, c.err()
		}
		minor, _ := strconv.Atoi(m[1])
		groups = minor >= groupsSince
	}
	return zone, groups, c.err()
}

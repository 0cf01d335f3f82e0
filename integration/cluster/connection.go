package cluster

import (
	"net/http"
	"net/url"
	"strings"
)

// connectionInfo is the documented answer.
type connectionInfo struct {
	TenantUUID                      string   `json:"tenantUUID"`
	TenantToken                     string   `json:"tenantToken"`
	CommunicationEndpoints          []string `json:"communicationEndpoints"`
	FormattedCommunicationEndpoints string   `json:"formattedCommunicationEndpoints"`
}

func (e *Environment) serveConnectionInfo(w http.ResponseWriter, r *http.Request) *apiError {
	zone, err := e.parseZone(r.URL.Query())
	if err != nil {
		return err
	}
	endpoints := e.endpoints(zone)
	writeJSON(w, http.StatusOK, connectionInfo{
		TenantUUID:                      e.id,
		TenantToken:                     e.tenantToken,
		CommunicationEndpoints:          endpoints,
		FormattedCommunicationEndpoints: strings.Join(endpoints, ";"),
	})
	return nil
}

func (e *Environment) serveEndpoints(w http.ResponseWriter, r *http.Request) *apiError {
	zone, err := e.parseZone(r.URL.Query())
	if err != nil {
		return err
	}
	write(w, http.StatusOK, "text/plain; charset=utf-8", []byte(strings.Join(e.endpoints(zone), ";")))
	return nil
}

func (e *Environment) parseZone(values url.Values) (string, *apiError) {
	var c checker
	c.query(values, "defaultZoneFallback", "false", booleans)
	zone := e.checkZone(&c, values)
	return zone, c.err()
}

package start

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/deploy"
)

const (
	varServices     = "VCAP_SERVICES"
	varServicesFile = "VCAP_SERVICES_FILE_PATH"
	varApplication  = "VCAP_APPLICATION"
	// serviceName is what a service's name contains, whatever its label.
	serviceName = "dynatrace"
)

// maxServices bounds the JSON of a platform; as a variable it is 128 KiB at
// most, as a file the platform says 1 MiB.
const maxServices = 1 << 20

// cloudFoundry looks for a bound service.
func cloudFoundry(p *planner) (*Source, error) {
	name, b, err := p.services()
	if err != nil || b == nil {
		return nil, err
	}
	list, err := parseServices(b)
	if err != nil {
		return nil, incomplete("%s: %v", name, err)
	}
	var usable []*service
	var reasons []string
	for _, s := range list {
		if lacks := s.lacks(); lacks != "" {
			reasons = append(reasons, fmt.Sprintf("%s, service %q: %s", name, s.name, lacks))
			continue
		}
		usable = append(usable, s)
	}
	switch {
	case len(usable) > 1:
		return nil, fmt.Errorf("%s has several services with Dynatrace credentials, bind one: %s", name, serviceNames(usable))
	case len(usable) == 1:
		return usable[0].source(p, name), nil
	case len(reasons) > 0:
		return nil, incomplete("%s", strings.Join(reasons, "; "))
	}
	return nil, nil
}

// services returns the platform's JSON; the file goes before the variable.
func (p *planner) services() (name string, b []byte, err error) {
	if file := p.user.trimmed(varServicesFile); file != "" {
		b, err := read(p.in.Files, file, maxServices)
		if err != nil {
			return "", nil, incomplete("reading the file of %s: %v", varServicesFile, err)
		}
		return varServicesFile, b, nil
	}
	s := p.user.get(varServices)
	if trim(s) == "" {
		return "", nil, nil
	}
	if len(s) > maxServices {
		return "", nil, incomplete("%s is larger than %d bytes", varServices, maxServices)
	}
	return varServices, []byte(s), nil
}

// service is one that is named after us.
type service struct {
	name     string
	keys     map[string]string
	warnings []string
}

var errServices = errors.New("no JSON of the form that Cloud Foundry writes")

// parseServices returns the services that are named after us. Those of others
// may have any form.
func parseServices(b []byte) ([]*service, error) {
	var labels map[string]json.RawMessage
	b = bytes.TrimPrefix(bytes.TrimSpace(b), []byte("\ufeff"))
	if err := json.Unmarshal(b, &labels); err != nil {
		// The decoder's error may quote a value.
		return nil, errServices
	}
	var found []*service
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		var list []json.RawMessage
		if json.Unmarshal(labels[label], &list) != nil {
			continue
		}
		for _, raw := range list {
			var one struct {
				Name        string          `json:"name"`
				Credentials json.RawMessage `json:"credentials"`
			}
			if json.Unmarshal(raw, &one) == nil && strings.Contains(strings.ToLower(one.Name), serviceName) {
				found = append(found, newService(one.Name, one.Credentials))
			}
		}
	}
	return found, nil
}

// serviceKeys are the ones that mean something at run time.
var serviceKeys = [...]string{"environmentid", "apitoken", "apiurl", "skiperrors", "networkzone", "enablefips"}

// buildKeys are matters of the build.
var buildKeys = [...]string{"customoneagenturl", "addtechnologies"}

func newService(name string, credentials json.RawMessage) *service {
	s := &service{name: name, keys: map[string]string{}}
	var values map[string]json.RawMessage
	if json.Unmarshal(credentials, &values) != nil {
		return s
	}
	for _, key := range serviceKeys {
		raw, ok := values[key]
		if !ok || string(raw) == "null" {
			continue
		}
		var v string
		if json.Unmarshal(raw, &v) != nil {
			s.warnings = append(s.warnings, fmt.Sprintf("%s is no string and not used", key))
			continue
		}
		s.keys[key] = trim(v)
	}
	for _, key := range buildKeys {
		if _, ok := values[key]; ok {
			s.warnings = append(s.warnings, fmt.Sprintf("%s is ignored: what is in the image was decided when it was built", key))
		}
	}
	return s
}

func (s *service) lacks() string {
	var missing []string
	for _, key := range []string{"environmentid", "apitoken"} {
		if s.keys[key] == "" {
			missing = append(missing, key)
		}
	}
	if len(missing) == 0 {
		return ""
	}
	return strings.Join(append([]string{strings.Join(missing, " and ") + " missing in its credentials"}, s.warnings...), ", ")
}

func (s *service) source(p *planner, name string) *Source {
	src := &Source{
		Name:        fmt.Sprintf("%s (service %q)", name, s.name),
		Credentials: deploy.Credentials{URL: s.keys["apiurl"], Tenant: s.keys["environmentid"], Token: s.keys["apitoken"]},
		NetworkZone: s.keys["networkzone"],
		FIPS:        strings.EqualFold(s.keys["enablefips"], "true"),
		Warnings:    s.warnings,
	}
	if src.FIPS && p.settings.Mode == agent.ModeBuild {
		src.Warnings = append(src.Warnings, "enablefips is ignored: whether the agent is in FIPS mode was decided when the image was built")
	}
	switch strings.ToLower(s.keys["skiperrors"]) {
	case "true":
		src.OnError = onErrorSkip
	case "false":
		src.OnError = onErrorFail
	}
	src.Defaults = p.application()
	return src
}

// application names the process after the app and its instance.
func (p *planner) application() []string {
	var app struct {
		Name  string `json:"application_name"`
		Index *int   `json:"instance_index"`
	}
	if json.Unmarshal([]byte(p.user.get(varApplication)), &app) != nil || app.Name == "" {
		return nil
	}
	defaults := []string{"DT_APPLICATIONID", app.Name}
	index := p.user.trimmed("CF_INSTANCE_INDEX")
	if index == "" && app.Index != nil {
		index = fmt.Sprint(*app.Index)
	}
	if index != "" {
		defaults = append(defaults, "DT_HOST_ID", app.Name+"_"+index)
	}
	return defaults
}

func serviceNames(list []*service) string {
	var quoted []string
	for _, s := range list {
		quoted = append(quoted, fmt.Sprintf("%q", s.name))
	}
	return strings.Join(quoted, ", ")
}

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
	"github.com/org/dt-frontend/internal/scan/value"
)

const (
	varServices     = "VCAP_SERVICES"
	varServicesFile = "VCAP_SERVICES_FILE_PATH"
	varApplication  = "VCAP_APPLICATION"
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
	var candidates []candidate
	for _, b := range list {
		c := candidate{bound: b, err: b.usable(name)}
		if c.err == nil {
			c.source = p.service(b, name)
		}
		candidates = append(candidates, c)
	}
	return choose(candidates, name, "services")
}

// services returns the platform's JSON; the file goes before the variable.
func (p *planner) services() (name string, b []byte, err error) {
	name = varServices
	text := p.user.get(varServices)
	if file := p.user.trimmed(varServicesFile); file != "" {
		name = varServicesFile
		b, err := read(p.in.Files, file, maxServices)
		if err != nil {
			return "", nil, incomplete("reading the file of %s: %v", varServicesFile, err)
		}
		text = string(b)
	}
	if len(text) > maxServices {
		return "", nil, incomplete("%s is larger than %d bytes", name, maxServices)
	}
	text, err = value.Text(name, text)
	if err != nil {
		return "", nil, invalid(err)
	}
	if text == "" && name == varServices {
		return "", nil, nil
	}
	return name, []byte(text), nil
}

var errServices = errors.New("no JSON of the form that Cloud Foundry writes")

// service is the form of one service; those of others may have any.
type service struct {
	Label        string          `json:"label"`
	Name         string          `json:"name"`
	InstanceName string          `json:"instance_name"`
	BindingName  string          `json:"binding_name"`
	Tags         []string        `json:"tags"`
	Credentials  json.RawMessage `json:"credentials"`
}

// parseServices returns the services that are named after us.
func parseServices(b []byte) ([]*bound, error) {
	var labels map[string]json.RawMessage
	if err := json.Unmarshal(bytes.TrimSpace(b), &labels); err != nil {
		// The decoder's error may quote a value.
		return nil, errServices
	}
	var found []*bound
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		var list []json.RawMessage
		if json.Unmarshal(labels[label], &list) != nil {
			continue
		}
		for _, raw := range list {
			s := service{Label: label}
			// A field of another form leaves the others.
			var other *json.UnmarshalTypeError
			if err := json.Unmarshal(raw, &s); err != nil && !errors.As(err, &other) {
				continue
			}
			if slices.ContainsFunc(append([]string{label, s.Label, s.Name, s.InstanceName, s.BindingName}, s.Tags...), namesDynatrace) {
				found = append(found, s.bound())
			}
		}
	}
	return found, nil
}

func (s *service) bound() *bound {
	name := s.Name
	if name == "" {
		name = s.InstanceName
	}
	if name == "" {
		name = s.Label
	}
	b := &bound{name: name, what: fmt.Sprintf("service %q", name), values: map[string]string{}, environment: keyEnvironment, token: keyAPIToken}
	var values map[string]json.RawMessage
	if json.Unmarshal(s.Credentials, &values) != nil {
		return b
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		switch v, ok := text(values[key]); {
		case ok:
			b.put(key, v)
		case meanings[plainKey(key)] != "" && string(values[key]) != "null":
			b.warnings = append(b.warnings, key+" is not a string, so it is ignored")
		}
	}
	return b
}

// text returns the value of a string, or of a list of strings as one.
func text(raw json.RawMessage) (string, bool) {
	var one string
	if string(raw) == "null" {
		return "", false
	}
	if json.Unmarshal(raw, &one) == nil {
		return one, true
	}
	var many []string
	if json.Unmarshal(raw, &many) == nil {
		return strings.Join(many, ";"), true
	}
	return "", false
}

// service is the source that a service is, on this platform.
func (p *planner) service(b *bound, name string) *Source {
	s := b.source(name)
	if s.FIPS && p.settings.Mode == agent.ModeBuild {
		s.Warnings = append(s.Warnings, "enablefips is ignored: whether the agent is in FIPS mode was decided when the image was built")
	}
	s.Defaults = p.application()
	return s
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

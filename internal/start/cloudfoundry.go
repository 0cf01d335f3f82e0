package start

import (
	"encoding/json"
	"fmt"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/variable"
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
	defaults := []string{variable.ApplicationID, app.Name}
	index := p.user.trimmed("CF_INSTANCE_INDEX")
	if index == "" && app.Index != nil {
		index = fmt.Sprint(*app.Index)
	}
	if index != "" {
		defaults = append(defaults, variable.HostID, app.Name+"_"+index)
	}
	return defaults
}

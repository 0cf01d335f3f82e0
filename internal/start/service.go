package start

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

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

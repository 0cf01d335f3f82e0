package start

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/deploy"
)

const (
	varBindingRoot = "SERVICE_BINDING_ROOT"
	bindingType    = "dynatrace"
	// maxBindings bounds how many folders are looked at.
	maxBindings = 256
)

// serviceBinding looks for a binding as servicebinding.io lays them out: a
// folder for each, a file for each key.
func serviceBinding(p *planner) (*Source, error) {
	root := p.user.trimmed(varBindingRoot)
	if root == "" {
		return nil, nil
	}
	dirs, err := p.in.Files.ReadDir(root)
	if err != nil {
		return nil, incomplete("reading %s: %v", varBindingRoot, cause(err))
	}
	slices.Sort(dirs)
	var (
		found   []*Source
		names   []string
		reasons []string
	)
	for _, name := range dirs[:min(len(dirs), maxBindings)] {
		s, reason := p.binding(root, name)
		if reason != "" {
			reasons = append(reasons, fmt.Sprintf("%s, binding %q: %s", varBindingRoot, name, reason))
		}
		if s != nil {
			found, names = append(found, s), append(names, fmt.Sprintf("%q", name))
		}
	}
	switch {
	case len(found) > 1:
		return nil, fmt.Errorf("%s has several bindings with Dynatrace credentials, bind one: %s", varBindingRoot, strings.Join(names, ", "))
	case len(found) == 1:
		return found[0], nil
	case len(reasons) > 0:
		return nil, incomplete("%s", strings.Join(reasons, "; "))
	}
	return nil, nil
}

// binding reads one folder; a reason says what an incomplete one lacks.
func (p *planner) binding(root, name string) (s *Source, reason string) {
	key := func(names ...string) string {
		for _, n := range names {
			if b, err := read(p.in.Files, path.Join(root, name, n), maxSecret); err == nil {
				return trim(string(b))
			}
		}
		return ""
	}
	if !strings.EqualFold(key("type"), bindingType) {
		return nil, ""
	}
	c := deploy.Credentials{
		URL:    key("api-url", "apiurl"),
		Tenant: key("environment-id"),
		Token:  key("api-token", "apitoken"),
	}
	switch {
	case c.Tenant == "" && c.Token == "":
		return nil, "environment-id and api-token missing"
	case c.Tenant == "":
		return nil, "environment-id missing"
	case c.Token == "":
		return nil, "api-token missing"
	}
	return &Source{Name: fmt.Sprintf("%s (binding %q)", varBindingRoot, name), Credentials: c}, ""
}

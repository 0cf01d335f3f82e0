package start

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/org/dt-frontend/internal/agent/variable"
	"github.com/org/dt-frontend/internal/scan/value"
)

const (
	varBindingRoot = "SERVICE_BINDING_ROOT"
	// maxBindings bounds how many directories are looked at, and how many files
	// in one.
	maxBindings = 256
	// maxPreset bounds a variable that is made of a binding's file. The kernel
	// takes 128 KiB.
	maxPreset = 32 << 10
)

// serviceBinding looks for a binding as servicebinding.io lays them out: a
// directory for each, a file for each key.
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
	var candidates []candidate
	for _, name := range dirs[:min(len(dirs), maxBindings)] {
		if c, ok := p.binding(root, name); ok {
			candidates = append(candidates, c)
		}
	}
	return choose(candidates, varBindingRoot, "bindings")
}

// binding reads one directory, and reports whether it is ours by its name or by
// its type.
//
// Source: paketo-buildpacks/dynatrace, dt/binding_predicate.go.
func (p *planner) binding(root, name string) (candidate, bool) {
	if strings.HasPrefix(name, ".") {
		// Kubernetes keeps what it links to there.
		return candidate{}, false
	}
	content := func(key string) string {
		b, err := read(p.in.Files, path.Join(root, name, key), maxSecret)
		if err != nil {
			return ""
		}
		return string(b)
	}
	if !namesDynatrace(name) && !namesDynatrace(content("type")) {
		return candidate{}, false
	}
	keys, err := p.in.Files.ReadDir(path.Join(root, name))
	if err != nil {
		return candidate{}, false
	}
	slices.Sort(keys)
	b := &bound{name: name, what: fmt.Sprintf("binding %q", name), values: map[string]string{}, environment: "environment-id", token: "api-token"}
	var presets []string
	for _, key := range keys[:min(len(keys), maxBindings)] {
		if strings.HasPrefix(key, ".") || key == "type" || key == "provider" {
			continue
		}
		if text := content(key); !b.put(key, text) {
			presets = append(presets, b.preset(key, text)...)
		}
	}
	if err := b.usable(varBindingRoot); err != nil {
		return candidate{bound: b, err: err}, true
	}
	s := b.source(varBindingRoot)
	s.Defaults = presets
	return candidate{bound: b, source: s}, true
}

// preset makes a variable for the agent of a key without a meaning: DT_TAGS of
// tags, DT_CUSTOM_PROP of custom-prop.
//
// Source: paketo-buildpacks/dynatrace, helper/properties.go.
func (b *bound) preset(key, raw string) []string {
	name := variable.Prefix + strings.NewReplacer("-", "_", ".", "_").Replace(strings.ToUpper(key))
	if !isPreset(name) {
		return nil
	}
	v, err := value.List(key, raw)
	switch {
	case err != nil:
		b.warnings = append(b.warnings, err.Error())
		return nil
	case len(v) > maxPreset:
		b.warnings = append(b.warnings, fmt.Sprintf("%s is larger than %d bytes, so it is ignored", key, maxPreset))
		return nil
	}
	if isSecret(v) {
		return nil
	}
	return []string{name, v}
}

// isSecret reports whether a value may hold a token of the vendor's, whatever its
// key is called: all of them begin with dt0, and a URL names one api-token.
func isSecret(v string) bool {
	v = strings.ToLower(v)
	return strings.Contains(v, "dt0") || strings.Contains(v, "api-token")
}

// isPreset reports whether a binding may set a variable of the app. A secret may
// not get there: the app's environment is seen by many. Variables of dt-start
// itself have no effect there.
func isPreset(name string) bool {
	for _, part := range []string{"TOKEN", "SECRET", "PASSWORD", variable.StartPrefix} {
		if strings.Contains(name, part) {
			return false
		}
	}
	for _, c := range name {
		if c != '_' && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return name != varTenant && name != varConnectionPoint
}

package oneagent

import (
	"bytes"
	"fmt"
	"strings"
)

// Links tie an agent to an environment.
type Links struct {
	Tenant, TenantToken string
	// Endpoints are the addresses for agents, the best first.
	Endpoints []string
}

// Files that a cluster fills in.
const (
	envFile      = "dynatrace-env.sh"
	confFile     = "agent/conf/ruxitagentproc.conf"
	manifestFile = "manifest.json"
)

// groups is the list of endpoints as agents since 1.207 read it: groups, and a
// mark at the current address.
func (l *Links) groups() string {
	last := len(l.Endpoints) - 1
	return "{*" + strings.Join(l.Endpoints[:last], ";") + "}{" + l.Endpoints[last] + "}"
}

// fillEnv replaces the fields of the template. Without links the fields stay, or
// they are emptied.
func (a *Agent) fillEnv(template []byte, l *Links) []byte {
	tenant, token, endpoints := "", "", ""
	switch {
	case l != nil:
		tenant, token, endpoints = l.Tenant, l.TenantToken, `"`+l.groups()+`"`
	case !a.emptied:
		return template
	}
	return []byte(strings.NewReplacer("{$tenant}", tenant, "{$token}", token, "{$endpoints}", endpoints).Replace(string(template)))
}

// fillConf adds the links to the section that has them.
func fillConf(conf []byte, l *Links) ([]byte, error) {
	if l == nil {
		return conf, nil
	}
	const section = "[general]\n"
	before, after, ok := bytes.Cut(conf, []byte(section))
	if !ok {
		return nil, fmt.Errorf("filling in %s: there is no section [general]", confFile)
	}
	return fmt.Appendf(nil, "%s%sserverAddress %s\ntenant %s\ntenantToken %s\n%s",
		before, section, l.groups(), l.Tenant, l.TenantToken, after), nil
}

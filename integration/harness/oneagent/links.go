package oneagent

import (
	"bytes"
	"fmt"
	"slices"
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

// fillConf adds the links to the section that has them, with the line ends of the
// file: those of the agents up to 1.221 are CR LF.
func fillConf(conf []byte, l *Links) ([]byte, error) {
	if l == nil {
		return conf, nil
	}
	for _, end := range []string{"\n", "\r\n"} {
		section := "[general]" + end
		if before, after, ok := bytes.Cut(conf, []byte(section)); ok {
			lines := strings.Join([]string{"serverAddress " + l.groups(), "tenant " + l.Tenant, "tenantToken " + l.TenantToken, ""}, end)
			return slices.Concat(before, []byte(section+lines), after), nil
		}
	}
	return nil, fmt.Errorf("filling in %s: there is no section [general]", confFile)
}

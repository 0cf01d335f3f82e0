package cluster

import (
	"cmp"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Property is one entry of the process-module configuration.
type Property struct {
	Section string `json:"section"`
	Key     string `json:"key"`
	Value   string `json:"value"`
}

// defaultModuleConfig is what environments have where nothing else is said.
var defaultModuleConfig = []Property{
	{"general", "dockerInjection", "on"},
	{"general", "injectionRules", "-47::EXCLUDE:EQUALS,LINKAGE,static;-35::EXCLUDE:EQUALS,NODEJS_SCRIPT_NAME,bin/pm2"},
	{"agentType", "java", "on"},
	{"agentType", "python", "off"},
}

// SetModuleConfig changes the environment's process-module configuration.
// Without properties the answer has none at all.
func (e *Environment) SetModuleConfig(properties ...Property) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.settings.moduleConfig = slices.Clone(properties)
}

// moduleConfig is the configuration without links, for a host group or none.
func (e *Environment) moduleConfig(hostGroup string) []Property {
	e.mu.Lock()
	defer e.mu.Unlock()
	own := slices.Clone(e.settings.moduleConfig)
	for _, p := range e.settings.hostGroups[hostGroup] {
		own = slices.DeleteFunc(own, func(other Property) bool { return other.Section == p.Section && other.Key == p.Key })
		own = append(own, p)
	}
	return own
}

// properties are the environment's, and those that tie an agent to it. That
// the API sends the latter is not documented; that they end up in the file is.
func (e *Environment) properties(hostGroup string) []Property {
	own := e.moduleConfig(hostGroup)
	if len(own) == 0 {
		return []Property{}
	}
	return append(own,
		Property{"general", "tenant", e.id},
		Property{"general", "tenantToken", e.tenantToken},
		Property{"general", "serverAddress", "{" + strings.Join(e.endpoints(""), ";") + "}"},
		Property{"general", "hostGroup", cmp.Or(hostGroup, e.marker)},
	)
}

// ModuleConfigRevision changes with the configuration. Like a real one it is
// larger than what a float64 holds exactly.
func (e *Environment) ModuleConfigRevision() uint64 { return e.revision("") }

func (e *Environment) revision(hostGroup string) uint64 {
	h := fnv.New64a()
	for _, p := range e.moduleConfig(hostGroup) {
		h.Write([]byte(p.Section + "\x00" + p.Key + "\x00" + p.Value + "\x00"))
	}
	return h.Sum64()>>1 | 1<<62 | 1
}

func (e *Environment) serveModuleConfig(w http.ResponseWriter, r *http.Request) *apiError {
	var c checker
	values := r.URL.Query()
	sections := []string{"general"}
	if values.Has("sections") {
		sections = strings.Split(values.Get("sections"), ",")
	}
	for _, section := range sections {
		c.oneOf("QUERY", "sections", section, []string{"general", "agentType"})
	}
	revision, err := strconv.ParseUint(values.Get("revision"), 10, 64)
	if values.Get("revision") != "" && err != nil {
		c.add("QUERY", "revision", "must be a number")
	}
	if err := c.err(); err != nil {
		return err
	}
	hostGroup := values.Get("hostgroup")
	if revision == e.revision(hostGroup) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"properties": slices.DeleteFunc(e.properties(hostGroup), func(p Property) bool {
			return !slices.Contains(sections, p.Section)
		}),
		"revision": e.revision(hostGroup),
	})
	return nil
}

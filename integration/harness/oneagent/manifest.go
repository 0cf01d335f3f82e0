package oneagent

import (
	"encoding/json"
	"fmt"
	"slices"
)

// manifest is the tree's account of itself. Entries are kept as they are.
type manifest struct {
	Technologies map[string]map[string][]json.RawMessage `json:"technologies"`
	Version      string                                  `json:"version,omitempty"`

	TenantUUID             string   `json:"tenantUUID,omitempty"`
	TenantToken            string   `json:"tenantToken,omitempty"`
	CommunicationEndpoints []string `json:"communicationEndpoints,omitempty"`
}

// entry is what is read of an entry.
type entry struct {
	Path string `json:"path"`
	MD5  string `json:"md5"`
}

// makeManifest makes the installer's manifest of the package's. It leaves out
// the entries of files that the tree does not have.
func (a *Agent) makeManifest(of []byte, l *Links, has func(entry) bool) ([]byte, error) {
	var m manifest
	if err := json.Unmarshal(of, &m); err != nil {
		return nil, fmt.Errorf("reading the manifest of agent %s: %w", a.Name, err)
	}
	for _, platforms := range m.Technologies {
		for platform, entries := range platforms {
			kept, err := keep(entries, has)
			if err != nil {
				return nil, fmt.Errorf("reading the manifest of agent %s: %w", a.Name, err)
			}
			platforms[platform] = kept
		}
	}
	if a.named {
		m.Version = a.Version
	}
	if l != nil {
		m.TenantUUID, m.TenantToken, m.CommunicationEndpoints = l.Tenant, l.TenantToken, l.Endpoints
	}
	return json.MarshalIndent(m, "", "    ")
}

func keep(entries []json.RawMessage, has func(entry) bool) ([]json.RawMessage, error) {
	var err error
	return slices.DeleteFunc(entries, func(raw json.RawMessage) bool {
		var e entry
		if bad := json.Unmarshal(raw, &e); bad != nil {
			err = bad
			return false
		}
		return !has(e)
	}), err
}

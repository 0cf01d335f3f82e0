package cluster

import (
	"cmp"
	"encoding/json"
)

const manifestPath = "manifest.json"

// manifest is the tree's own account of itself.
type manifest struct {
	Technologies map[string]map[string][]manifestFile `json:"technologies"`
	Version      string                               `json:"version,omitempty"`

	TenantUUID             string   `json:"tenantUUID,omitempty"`
	TenantToken            string   `json:"tenantToken,omitempty"`
	CommunicationEndpoints []string `json:"communicationEndpoints,omitempty"`

	version string // of its files
}

type manifestFile struct {
	Path              string `json:"path"`
	Version           string `json:"version"`
	BinaryType        string `json:"binarytype,omitempty"`
	TechnologyVersion string `json:"technologyversion,omitempty"`
	MD5               string `json:"md5"`
}

func (t *tree) newManifest() *manifest {
	m := &manifest{Technologies: map[string]map[string][]manifestFile{}, version: t.spec.Version}
	if !t.environment.settings.noVersion {
		m.Version = t.spec.Version
	}
	if t.linked() {
		e := t.environment
		m.TenantUUID, m.TenantToken = e.id, e.tenantToken
		m.CommunicationEndpoints = e.endpoints(t.spec.NetworkZone)
		if t.fault != FaultNoManifest {
			for _, name := range []string{"environment id", "tenant token", "endpoint host"} {
				t.links = append(t.links, Link{Path: manifestPath, Place: PlaceDocumented, Encoding: "plain", Name: name})
			}
		}
	}
	return m
}

// add lists a file that was written.
func (m *manifest) add(f file, md5 string) {
	for _, l := range f.listed {
		if m.Technologies[l.technology] == nil {
			m.Technologies[l.technology] = map[string][]manifestFile{}
		}
		entry := manifestFile{
			Path: f.path, MD5: md5, Version: cmp.Or(l.version, m.version), BinaryType: l.binaryType, TechnologyVersion: l.techVersion,
		}
		m.Technologies[l.technology][l.platform] = append(m.Technologies[l.technology][l.platform], entry)
	}
}

func (m *manifest) file() (file, error) {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return file{}, err
	}
	return file{path: manifestPath, body: text(string(data) + "\n")}, nil
}

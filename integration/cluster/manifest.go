package cluster

import "encoding/json"

const manifestPath = "manifest.json"

// manifest is the tree's own account of itself.
type manifest struct {
	Technologies map[string]map[string][]manifestFile `json:"technologies"`
	Version      string                               `json:"version"`

	TenantUUID             string   `json:"tenantUUID,omitempty"`
	TenantToken            string   `json:"tenantToken,omitempty"`
	CommunicationEndpoints []string `json:"communicationEndpoints,omitempty"`
}

type manifestFile struct {
	Path       string `json:"path"`
	MD5        string `json:"md5"`
	Version    string `json:"version"`
	BinaryType string `json:"binarytype,omitempty"`
}

func (t *tree) newManifest() *manifest {
	m := &manifest{Technologies: map[string]map[string][]manifestFile{}, Version: t.spec.Version}
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
		m.Technologies[l.technology][l.platform] = append(m.Technologies[l.technology][l.platform],
			manifestFile{Path: f.path, MD5: md5, Version: m.Version, BinaryType: l.binaryType})
	}
}

func (m *manifest) file() (file, error) {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return file{}, err
	}
	return file{path: manifestPath, body: text(string(data) + "\n")}, nil
}

package provision

import (
	"encoding/json"
	"fmt"
	"path"
	"path/filepath"
	"slices"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/manifest"
)

const (
	// final is the agent's folder in a candidate.
	final = agent.Name
	// markerFile says which agent is in place. It is written when that is
	// checked, and so is in none that is not whole.
	markerFile = ".dt-start.json"
	maxMarker  = 64 << 10
)

// marker is its content.
type marker struct {
	Version string             `json:"version"`
	Flavor  agent.Flavor       `json:"flavor"`
	Arch    agent.Arch         `json:"arch"`
	Include agent.Technologies `json:"include,omitempty"`
	FIPS    bool               `json:"fips,omitempty"`
	// Preload is relative to the agent's folder; Size is the library's.
	Preload string `json:"preload"`
	Size    int64  `json:"size"`
}

// fits reports whether it is the agent that was ordered.
func (m *marker) fits(o Order) bool {
	return (o.Version == "" || m.Version == o.Version) &&
		m.Flavor == o.Spec.Flavor && m.Arch == o.Spec.Arch && m.FIPS == o.FIPS &&
		slices.Equal(m.Include, o.Spec.Include)
}

// Find returns the agent that was ordered where one is in place already.
func (p *Provisioner) Find(o Order) (*Agent, bool) {
	for _, c := range p.candidates(o) {
		f, err := c.open(false)
		if err != nil {
			continue
		}
		a := f.find(o)
		f.close()
		if a != nil {
			return a, true
		}
	}
	return nil, false
}

// find returns the folder's agent if it is the one that was ordered, and nil
// otherwise.
func (f *folder) find(o Order) *Agent {
	st, err := f.root.Lstat(final)
	if err != nil || !st.IsDir() || !isOurs(st) || st.Mode()&0o022 != 0 {
		return nil
	}
	b, err := manifest.ReadFile(f.root, path.Join(final, markerFile), maxMarker)
	if err != nil {
		return nil
	}
	var m marker
	if json.Unmarshal(b, &m) != nil || !m.fits(o) || !filepath.IsLocal(m.Preload) {
		return nil
	}
	lib, err := f.root.Stat(path.Join(final, m.Preload))
	if err != nil || !lib.Mode().IsRegular() || lib.Size() != m.Size {
		return nil
	}
	return f.agent(&m)
}

func (f *folder) agent(m *marker) *Agent {
	dir := path.Join(f.path, final)
	return &Agent{Version: m.Version, Dir: dir, Preload: path.Join(dir, m.Preload)}
}

// mark writes the marker into a new agent's folder.
func (f *folder) mark(dir string, m *marker) error {
	b, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("marking the agent as whole: %w", err)
	}
	name := path.Join(dir, markerFile)
	err = f.root.WriteFile(name, append(b, '\n'), 0o644)
	if err == nil {
		// Whatever the umask is.
		err = f.root.Chmod(name, 0o644)
	}
	if err != nil {
		return fmt.Errorf("marking the agent as whole: %w", err)
	}
	return nil
}

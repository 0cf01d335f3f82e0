package verify

import (
	"bytes"
	"path"
	"strings"

	digest "github.com/opencontainers/go-digest"
	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/authority"
	"github.com/org/dt-frontend/internal/links"
)

// isCustomCA reports whether a path is that of the certificates that an agent
// trusts, or will when it is installed, wherever it lies.
func isCustomCA(name string) bool {
	return links.IsLeftover(name) && strings.HasSuffix(name, "/"+agent.CustomCA) || isImageCA(name)
}

// isImageCA reports whether a path is that of the certificates for an agent
// that is installed when its container starts.
func isImageCA(name string) bool {
	// As for the agent's folder, /opt may be a symlink.
	return strings.HasSuffix("/"+name, "/"+path.Base(agent.Root)+"/"+path.Base(agent.CAPath))
}

// certificates looks at the file with certificates that an agent trusts, which
// hide names from a scan of their text. It reports whether they are such as a
// build may be given: what else there is belongs to an environment.
func (v *visitor) certificates(where Leak, name string, dt []byte) bool {
	bundle, err := authority.Parse(dt)
	// A build writes certificates and nothing else: what stands between them,
	// or in the headers of a block, it has not been given.
	if err != nil || !bytes.Equal(dt, bundle.PEM()) {
		return false
	}
	v.content(where, bundle.Find(v.scanner))
	if known := v.layer.facts.files[name]; known != nil {
		known.ca = digest.FromBytes(dt)
		v.layer.facts.customCA = append(v.layer.facts.customCA, name)
	}
	return true
}

// settle calls certificates an environment's that came with something else: an
// installer leaves those of its environment in the agent's own layer. What a
// build was given lies in a layer of its own, or is what a label names, should
// somebody have made one layer of all.
func (v *visitor) settle() {
	f := v.layer.facts
	for _, name := range f.customCA {
		if f.entries > 1 && !v.named[f.files[name].ca] {
			v.found(Leak{Path: v.shown(name), Kind: kindSettings, Form: "file"})
		}
	}
}

// noteCA says which certificates the image brings for its agent.
func (d *described) noteCA() {
	said := d.image.Config.Config.Labels[agent.LabelCA]
	var f owned
	for _, name := range d.files.sorted() {
		if isCustomCA(name) && d.files[name].ca != "" {
			f = d.files[name]
		}
	}
	ok := f.fact != nil
	if ok {
		d.note("its agent trusts certificates that the build was given: %s", f.ca)
	}
	if said != "" && (!ok || said != f.ca.String()) {
		d.note("the label says that the agent trusts the certificates %s, which are not in it", said)
	}
}
